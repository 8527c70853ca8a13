// The direct loader's view of the two objects, and what it says about damaged ones.
#include "engine/xdp/loader/linked_object.h"

#include <elf.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bpf/loader_shapes.object.h"
#include "bpf/receiver.object.h"

namespace penstock {
namespace {

LinkedObject linked(Bytes file) {
  Result<LinkedObject> object = link_object(file);
  EXPECT_TRUE(object) << object.error().message();
  return std::move(*object);
}

const MapDefinition& map_of(const LinkedObject& object, std::string_view name) {
  const auto found = std::find_if(object.maps.begin(), object.maps.end(),
                                  [&](const MapDefinition& map) { return map.name == name; });
  EXPECT_NE(found, object.maps.end()) << name;
  return *found;
}

TEST(LinkedObject, HasTheReceiversMapsAsDeclared) {
  const LinkedObject object = linked(receiver_bpf_object());
  EXPECT_EQ(object.maps.size(), 6U);
  const MapDefinition& ports = map_of(object, "ports");
  EXPECT_EQ(ports.type, BPF_MAP_TYPE_ARRAY);
  EXPECT_EQ(ports.key_bytes, 4U);
  EXPECT_EQ(ports.value_bytes, 1U);
  EXPECT_EQ(ports.entries, 65536U);
  EXPECT_EQ(map_of(object, "addresses").key_bytes, 16U);
  EXPECT_EQ(map_of(object, "sockets").type, BPF_MAP_TYPE_XSKMAP);
  EXPECT_EQ(map_of(object, "sockets").value_type, 0U);
  EXPECT_EQ(map_of(object, "counts").type, BPF_MAP_TYPE_PERCPU_ARRAY);
  EXPECT_EQ(map_of(object, ".bss").flags, BPF_F_MMAPABLE);
  EXPECT_EQ(object.license, "Dual BSD/GPL");
}

TEST(LinkedObject, HasConstantsAndVariablesOfEveryKind) {
  const LinkedObject object = linked(loader_shapes_bpf_object());
  const MapDefinition& constants = map_of(object, ".rodata");
  EXPECT_TRUE(constants.frozen);
  EXPECT_EQ(*read_at<std::uint32_t>(constants.contents, 0), 0x11223344U);
  EXPECT_FALSE(map_of(object, ".data").frozen);
  EXPECT_TRUE(map_of(object, ".bss").contents.empty());
  EXPECT_EQ(map_of(object, "runs").flags, BPF_F_NO_PREALLOC);
  for (const std::string_view name : {"constant", "initialised", "first_static", "second_static", "zeroed"}) {
    EXPECT_TRUE(std::any_of(object.variables.begin(), object.variables.end(), [&](const auto& variable) {
      return variable.name == name;
    })) << name;
  }
}

TEST(LinkedObject, PutsCalledFunctionsBehindTheProgramOnce) {
  const LinkedObject object = linked(loader_shapes_bpf_object());
  ASSERT_EQ(object.programs.size(), 2U);
  // Entry, count, deep, deeper; and entry, count, deeper.
  EXPECT_EQ(object.programs[0].functions.size(), 4U);
  EXPECT_EQ(object.programs[1].functions.size(), 3U);
  for (const LinkedProgram& program : object.programs) {
    for (std::size_t at = 0; at < program.instructions.size(); ++at) {
      const bpf_insn& one = program.instructions[at];
      if (one.code != (BPF_JMP | BPF_CALL) || one.src_reg != BPF_PSEUDO_CALL) continue;
      const auto target = static_cast<std::uint32_t>(static_cast<std::int64_t>(at) + 1 + one.imm);
      EXPECT_TRUE(std::any_of(program.functions.begin(), program.functions.end(),
                              [&](const bpf_func_info& function) { return function.insn_off == target; }))
          << program.name << ", instruction " << at;
    }
  }
}

// One damage, and what the message must name.
struct Damage {
  const char* name;
  std::size_t offset;  // in the file
  std::uint8_t byte;   // becomes this
  const char* message;
};

class DamagedHeader : public testing::TestWithParam<Damage> {};

// Offsets of Elf64_Ehdr.
INSTANTIATE_TEST_SUITE_P(Fields, DamagedHeader,
                         testing::Values(Damage{"magic", 0, 0, "no ELF file"},
                                         Damage{"bits", EI_CLASS, ELFCLASS32, "64 bits"},
                                         Damage{"order", EI_DATA, ELFDATA2MSB, "little-endian"},
                                         Damage{"machine", 18, EM_X86_64, "not a relocatable object for BPF"},
                                         Damage{"table", 46, 0xff, "outside the file"},
                                         Damage{"entry", 58, 1, "section headers of unknown size"},
                                         Damage{"names", 63, 0xff, "no table of section names"}),
                         [](const auto& info) { return info.param.name; });

TEST_P(DamagedHeader, IsNamed) {
  const Bytes good = receiver_bpf_object();
  std::vector<std::byte> file(good.begin(), good.end());
  file[GetParam().offset] = std::byte{GetParam().byte};
  const Result<LinkedObject> object = link_object(file);
  ASSERT_FALSE(object);
  EXPECT_NE(object.error().what.find(GetParam().message), std::string::npos) << object.error().message();
}

// Replaces the one place of `from`, which must be as long as `to`.
Result<LinkedObject> with_text(std::string_view from, std::string_view to) {
  const Bytes good = loader_shapes_bpf_object();
  std::vector<std::byte> file(good.begin(), good.end());
  const auto* const bytes = reinterpret_cast<const std::byte*>(from.data());
  auto found = std::search(file.begin(), file.end(), bytes, bytes + from.size());
  EXPECT_NE(found, file.end()) << from;
  for (; found != file.end(); found = std::search(found, file.end(), bytes, bytes + from.size()))
    std::memcpy(&*found, to.data(), to.size());
  return link_object(file);
}

TEST(LinkedObject, NamesAnUnknownAttributeOfAMap) {
  const Result<LinkedObject> object = with_text("key_size", "mystery!");
  ASSERT_FALSE(object);
  EXPECT_NE(object.error().what.find("map 'runs': attribute 'mystery!'"), std::string::npos)
      << object.error().message();
}

TEST(LinkedObject, NamesASectionOfProgramsThatItDoesNotKnow) {
  const Result<LinkedObject> object = with_text(".text", ".tcxt");
  ASSERT_FALSE(object);
  EXPECT_NE(object.error().what.find("section '.tcxt' has a program"), std::string::npos)
      << object.error().message();
}

TEST(LinkedObject, RefusesRelocationsAgainstTheKernelsTypes) {
  const Bytes good = loader_shapes_bpf_object();
  std::vector<std::byte> file(good.begin(), good.end());
  // The sections .BTF and .BTF.ext begin alike, in this order: magic, version, flags.
  const std::byte begin[] = {std::byte{0x9f}, std::byte{0xeb}, std::byte{1}, std::byte{0}};
  const auto first = std::search(file.begin(), file.end(), std::begin(begin), std::end(begin));
  ASSERT_NE(first, file.end());
  const auto second = std::search(first + 4, file.end(), std::begin(begin), std::end(begin));
  ASSERT_GT(file.end() - second, 32);
  second[28] = std::byte{16};  // the length of their table
  const Result<LinkedObject> object = link_object(file);
  ASSERT_FALSE(object);
  EXPECT_NE(object.error().what.find("only libbpf"), std::string::npos) << object.error().message();
}

TEST(LinkedObject, NamesWhatAProgramRefersToInVain) {
  const Result<LinkedObject> object = with_text(".rodata", ".absent");
  ASSERT_FALSE(object);
  EXPECT_NE(object.error().what.find("'constant': is neither a map nor a variable"), std::string::npos)
      << object.error().message();
}

}  // namespace
}  // namespace penstock
