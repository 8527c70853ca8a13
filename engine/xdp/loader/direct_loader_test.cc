// The direct loader in the kernel, in a process that has neither libbpf nor libelf. Needs root.
#include "engine/xdp/loader/direct_loader.h"

#include <errno.h>
#include <linux/bpf.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bpf/loader_shapes.object.h"
#include "engine/xdp/loader/bounded_bytes.h"
#include "engine/xdp/loader/bpf_call.h"

namespace penstock {
namespace {

ObjectFile shapes() {
  return {"loader_shapes", loader_shapes_bpf_object()};
}

std::uint32_t verdict_of(int program) {
  const std::vector<std::byte> frame(64);
  bpf_attr attr{};
  attr.test.prog_fd = static_cast<std::uint32_t>(program);
  attr.test.data_in = address_of(frame.data());
  attr.test.data_size_in = static_cast<std::uint32_t>(frame.size());
  EXPECT_EQ(bpf_call(BPF_PROG_TEST_RUN, attr), 0);
  return attr.test.retval;
}

TEST(DirectLoader, LoadsWithoutLibbpfAndLibelf) {
  const Result<LoadedObject> loaded = load_directly(shapes());
  ASSERT_TRUE(loaded) << loaded.error().message();
  std::stringstream maps;
  maps << std::ifstream("/proc/self/maps").rdbuf();
  EXPECT_NE(maps.str().find("libstdc++"), std::string::npos);  // so libraries do show here
  EXPECT_EQ(maps.str().find("libbpf"), std::string::npos);
  EXPECT_EQ(maps.str().find("libelf"), std::string::npos);
}

TEST(DirectLoader, GivesProgramsThatFindTheirConstantsVariablesAndFunctions) {
  const Result<LoadedObject> loaded = load_directly(shapes());
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(verdict_of(*loaded->program("shapes_of_calls")), static_cast<std::uint32_t>(XDP_TX));
  EXPECT_EQ(verdict_of(*loaded->program("shapes_of_data")), static_cast<std::uint32_t>(XDP_TX));
}

TEST(DirectLoader, SharesVariablesWithThePrograms) {
  const Result<LoadedObject> loaded = load_directly(shapes());
  ASSERT_TRUE(loaded) << loaded.error().message();
  verdict_of(*loaded->program("shapes_of_calls"));
  verdict_of(*loaded->program("shapes_of_data"));
  const auto zeroed = loaded->variable<std::uint64_t[3]>("zeroed");
  ASSERT_TRUE(zeroed) << zeroed.error().message();
  EXPECT_EQ((**zeroed)[0], 1U);
  EXPECT_EQ((**zeroed)[1], 1U);
  **loaded->variable<std::uint32_t>("initialised") = 7;
  EXPECT_EQ(verdict_of(*loaded->program("shapes_of_data")), static_cast<std::uint32_t>(XDP_ABORTED));
}

TEST(DirectLoader, FreezesConstants) {
  const Result<LoadedObject> loaded = load_directly(shapes());
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(**loaded->variable<const std::uint32_t>("constant"), 0x11223344U);
  const std::uint32_t zero = 0, other = 1;
  bpf_attr attr{};
  attr.map_fd = static_cast<std::uint32_t>(*loaded->map(".rodata"));
  attr.key = address_of(&zero);
  attr.value = address_of(&other);
  EXPECT_EQ(bpf_call(BPF_MAP_UPDATE_ELEM, attr), -EPERM);
}

TEST(DirectLoader, KeepsMapsWhereAsked) {
  const Result<LoadedObject> first = load_directly(shapes());
  ASSERT_TRUE(first) << first.error().message();
  verdict_of(*first->program("shapes_of_calls"));
  const Result<LoadedObject> second = load_directly(shapes(), &*first);
  ASSERT_TRUE(second) << second.error().message();
  verdict_of(*second->program("shapes_of_calls"));
  EXPECT_EQ((**first->variable<std::uint64_t[3]>("zeroed"))[0], 2U);
}

TEST(DirectLoader, SaysWhatIsMissing) {
  const Result<LoadedObject> loaded = load_directly(shapes());
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(loaded->map("absent").error().what, "the BPF object has no map 'absent'");
  EXPECT_EQ(loaded->program("absent").error().what, "the BPF object has no program 'absent'");
  EXPECT_EQ(loaded->variable<std::uint8_t>("initialised").error().what,
            "the BPF object's variable 'initialised' has 4 bytes, not 1");
}

// `*found` may be null: turns the test for it into one that is never true.
TEST(DirectLoader, ShowsTheVerifiersLogOfARefusal) {
  const Bytes good = loader_shapes_bpf_object();
  std::vector<std::byte> file(good.begin(), good.end());
  bool damaged = false;
  for (std::size_t at = 0; at + sizeof(bpf_insn) <= file.size() && !damaged; at += sizeof(bpf_insn)) {
    auto instruction = *read_at<bpf_insn>(file, at);
    if (instruction.code != (BPF_JMP | BPF_JEQ | BPF_K) || instruction.imm != 0 || instruction.dst_reg != 0)
      continue;
    instruction.imm = 12345;
    std::memcpy(file.data() + at, &instruction, sizeof(instruction));
    damaged = true;
  }
  ASSERT_TRUE(damaged);
  const Result<LoadedObject> loaded = load_directly({"loader_shapes", file});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, EACCES) << loaded.error().message();
  EXPECT_NE(loaded.error().what.find("map_value_or_null"), std::string::npos) << loaded.error().message();
}

}  // namespace
}  // namespace penstock
