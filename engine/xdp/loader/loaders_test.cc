// Both loaders bring the same thing into the kernel: for each program the same translated instructions, for
// each map the same definition. Needs root.
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bpf/loader_shapes.object.h"
#include "bpf/receiver.object.h"
#include "engine/xdp/loader/direct_loader.h"
#include "engine/xdp/loader/libbpf_loader.h"

namespace penstock {
namespace {

struct Case {
  const char* name;
  std::span<const std::byte> (*bytes)();
  std::size_t programs, maps;
};

class Loaders : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const ObjectFile file{GetParam().name, GetParam().bytes()};
    Result<LoadedObject> direct = load_directly(file);
    ASSERT_TRUE(direct) << direct.error().message();
    direct_ = std::move(*direct);
    Result<LoadedObject> libbpf = load_with_libbpf(file);
    ASSERT_TRUE(libbpf) << libbpf.error().message();
    libbpf_ = std::move(*libbpf);
  }

  LoadedObject direct_, libbpf_;
};

INSTANTIATE_TEST_SUITE_P(Objects, Loaders,
                         testing::Values(Case{"receiver", &receiver_bpf_object, 3, 6},
                                         Case{"loader_shapes", &loader_shapes_bpf_object, 2, 4}),
                         [](const auto& info) { return std::string(info.param.name); });

template <typename Info>
Info info_of(int fd) {
  Info info{};
  __u32 length = sizeof(info);
  EXPECT_EQ(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
  return info;
}

std::map<std::uint32_t, std::string> names_by_id(const LoadedObject& object) {
  std::map<std::uint32_t, std::string> names;
  for (const LoadedObject::Named& map : object.maps)
    names[info_of<bpf_map_info>(map.fd.get()).id] = map.name;
  return names;
}

// One instruction a line. The kernel shows in place of a map's address its id, which every load has its own
// of: that alone is replaced, by the map's name.
std::vector<std::string> translated(const LoadedObject& object, std::string_view program) {
  auto info = info_of<bpf_prog_info>(*object.program(program));
  std::vector<bpf_insn> instructions(info.xlated_prog_len / sizeof(bpf_insn));
  bpf_prog_info with_code{};
  with_code.xlated_prog_len = info.xlated_prog_len;
  with_code.xlated_prog_insns = reinterpret_cast<std::uintptr_t>(instructions.data());
  __u32 length = sizeof(with_code);
  EXPECT_EQ(bpf_obj_get_info_by_fd(*object.program(program), &with_code, &length), 0);
  const auto names = names_by_id(object);
  std::vector<std::string> lines;
  for (const bpf_insn& one : instructions) {
    const bool map = one.code == (BPF_LD | BPF_IMM | BPF_DW) &&
                     (one.src_reg == BPF_PSEUDO_MAP_FD || one.src_reg == BPF_PSEUDO_MAP_VALUE);
    lines.push_back(std::to_string(one.code) + " " + std::to_string(one.dst_reg) + " " +
                    std::to_string(one.src_reg) + " " + std::to_string(one.off) + " " +
                    (map ? names.at(static_cast<std::uint32_t>(one.imm)) : std::to_string(one.imm)));
  }
  return lines;
}

TEST_P(Loaders, GiveTheKernelEqualInstructions) {
  ASSERT_EQ(direct_.programs.size(), GetParam().programs);
  ASSERT_EQ(libbpf_.programs.size(), GetParam().programs);
  for (const LoadedObject::Named& program : direct_.programs) {
    const std::vector<std::string> ours = translated(direct_, program.name);
    EXPECT_GT(ours.size(), 10U);
    EXPECT_EQ(ours, translated(libbpf_, program.name)) << program.name;
  }
}

TEST_P(Loaders, LetTheVerifierWalkTheSameInstructions) {
  for (const LoadedObject::Named& program : direct_.programs) {
    const auto ours = info_of<bpf_prog_info>(program.fd.get());
    const auto theirs = info_of<bpf_prog_info>(*libbpf_.program(program.name));
    EXPECT_EQ(ours.verified_insns, theirs.verified_insns) << program.name;
    EXPECT_STREQ(ours.name, theirs.name);
    EXPECT_EQ(ours.nr_func_info, theirs.nr_func_info) << program.name;
    EXPECT_EQ(ours.nr_line_info, theirs.nr_line_info) << program.name;
  }
}

TEST_P(Loaders, CreateEqualMaps) {
  ASSERT_EQ(direct_.maps.size(), GetParam().maps);
  ASSERT_EQ(libbpf_.maps.size(), GetParam().maps);
  for (const LoadedObject::Named& map : direct_.maps) {
    const auto ours = info_of<bpf_map_info>(map.fd.get());
    const auto theirs = info_of<bpf_map_info>(*libbpf_.map(map.name));
    EXPECT_EQ(ours.type, theirs.type) << map.name;
    EXPECT_EQ(ours.key_size, theirs.key_size) << map.name;
    EXPECT_EQ(ours.value_size, theirs.value_size) << map.name;
    EXPECT_EQ(ours.max_entries, theirs.max_entries) << map.name;
    EXPECT_EQ(ours.map_flags, theirs.map_flags) << map.name;
    EXPECT_STREQ(ours.name, theirs.name);
    EXPECT_EQ(ours.btf_key_type_id, theirs.btf_key_type_id) << map.name;
    EXPECT_EQ(ours.btf_value_type_id, theirs.btf_value_type_id) << map.name;
  }
}

TEST_P(Loaders, GiveEqualVariables) {
  EXPECT_EQ(direct_.variables.size(), libbpf_.variables.size());
  for (const LoadedObject::Variable& ours : direct_.variables) {
    const auto theirs =
        std::find_if(libbpf_.variables.begin(), libbpf_.variables.end(),
                     [&](const LoadedObject::Variable& one) { return one.name == ours.name; });
    ASSERT_NE(theirs, libbpf_.variables.end()) << ours.name;
    EXPECT_TRUE(
        std::equal(ours.memory.begin(), ours.memory.end(), theirs->memory.begin(), theirs->memory.end()))
        << ours.name;
  }
}

TEST_P(Loaders, KeepEachOthersMaps) {
  const ObjectFile file{GetParam().name, GetParam().bytes()};
  const Result<LoadedObject> direct = load_directly(file, &libbpf_);
  ASSERT_TRUE(direct) << direct.error().message();
  EXPECT_EQ(names_by_id(*direct), names_by_id(libbpf_));
  const Result<LoadedObject> libbpf = load_with_libbpf(file, &direct_);
  ASSERT_TRUE(libbpf) << libbpf.error().message();
  EXPECT_EQ(names_by_id(*libbpf), names_by_id(direct_));
}

// The kernel has entries of its own in a fresh bpffs.
std::set<std::string> pins() {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("/sys/fs/bpf"))
    found.insert(entry.path());
  return found;
}

TEST_P(Loaders, PinNothing) {
  const ObjectFile file{GetParam().name, GetParam().bytes()};
  const std::set<std::string> before = pins();
  const Result<LoadedObject> direct = load_directly(file);
  const Result<LoadedObject> libbpf = load_with_libbpf(file);
  ASSERT_TRUE(direct && libbpf);
  EXPECT_EQ(pins(), before);
}

TEST(LoadersAndOtherMaps, RefuseMapsOfAnotherShape) {
  const Result<LoadedObject> shapes = load_directly({"loader_shapes", loader_shapes_bpf_object()});
  ASSERT_TRUE(shapes) << shapes.error().message();
  for (const auto load : {&load_directly, &load_with_libbpf}) {
    const Result<LoadedObject> refused = load({"receiver", receiver_bpf_object()}, &*shapes);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("has no map"), std::string::npos) << refused.error().message();
  }
}

}  // namespace
}  // namespace penstock
