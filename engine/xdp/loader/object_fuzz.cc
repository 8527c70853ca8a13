// Fuzz target: the direct loader's reader on any bytes. It reads nothing outside them (asan sees to that),
// and what it calls a sound object has references, offsets and calls inside their bounds.
#include <span>
#include <vector>

#include "bpf/loader_shapes.object.h"
#include "engine/base/check.h"
#include "engine/testing/fuzz.h"
#include "engine/xdp/loader/linked_object.h"

namespace penstock {
namespace {

void check(const LinkedProgram& program, const LinkedObject& object) {
  const std::size_t count = program.instructions.size();
  PENSTOCK_CHECK(count > 0 && count <= kMostInstructions);
  for (const LinkedProgram::MapReference& reference : program.references) {
    PENSTOCK_CHECK(reference.map < object.maps.size() && std::size_t{reference.instruction} + 1 < count);
    const MapDefinition& map = object.maps[reference.map];
    const auto offset = static_cast<std::uint32_t>(program.instructions[reference.instruction + 1].imm);
    PENSTOCK_CHECK(map.globals ? offset < map.value_bytes : offset == 0);
  }
  for (const bpf_func_info& function : program.functions)
    PENSTOCK_CHECK(function.insn_off < count);
  for (const bpf_line_info& line : program.lines)
    PENSTOCK_CHECK(line.insn_off < count);
}

void check(const LinkedObject& object) {
  for (const MapDefinition& map : object.maps)
    PENSTOCK_CHECK(map.contents.empty() || map.contents.size() == map.value_bytes);
  for (const LinkedObject::Variable& variable : object.variables) {
    PENSTOCK_CHECK(variable.map < object.maps.size());
    PENSTOCK_CHECK(variable.offset + variable.bytes <= object.maps[variable.map].value_bytes);
  }
  for (const LinkedProgram& program : object.programs)
    check(program, object);
}

}  // namespace

std::vector<std::vector<std::byte>> fuzz_seeds() {
  const Bytes shapes = loader_shapes_bpf_object();
  return {{shapes.begin(), shapes.end()}};
}

}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto object = penstock::link_object(std::as_bytes(std::span(data, size)));
  if (object) penstock::check(*object);
  return 0;
}
