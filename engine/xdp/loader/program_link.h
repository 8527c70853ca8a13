// One XDP program out of an object's sections, as the kernel wants it: the instructions of the entry
// function, behind them those of every function that it calls, calls patched to relative distances, and a
// list of the places where a map's descriptor belongs.
//
// The order of functions is libbpf's (each where it is first called, depth first), so that both loaders give
// the kernel the same instructions. Thread safety: pure functions.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/xdp/loader/elf_object.h"
#include "engine/xdp/loader/map_definitions.h"
#include "engine/xdp/loader/source_info.h"

namespace penstock {

// The kernel's own limit for a program (BPF_COMPLEXITY_LIMIT_INSNS).
inline constexpr std::size_t kMostInstructions = 1'000'000;

struct LinkedProgram {
  struct MapReference {
    std::uint32_t instruction;  // of the first half of the BPF_LD_IMM64 whose imm the descriptor becomes
    std::uint32_t map;          // index into the object's maps
  };
  std::string name;
  std::vector<bpf_insn> instructions;
  std::vector<MapReference> references;
  std::vector<bpf_func_info> functions;  // insn_off in instructions
  std::vector<bpf_line_info> lines;
};

// `entry`: a function's symbol. Errors: a relocation of unknown kind, or of a symbol that is neither map nor
// global variable nor function; a function that is cut off; too many instructions.
Result<LinkedProgram> link_program(const ElfObject& object, const SourceInfo& source,
                                   std::span<const MapDefinition> maps, const ElfObject::Symbol& entry);

}  // namespace penstock
