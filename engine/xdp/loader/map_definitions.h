// Which maps a BPF object wants: those that its source declares in SEC(".maps"), and one for each section
// of global variables (.bss, .data, .rodata), which the programs read through a map of one value.
//
// Thread safety: a pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/xdp/loader/btf_types.h"
#include "engine/xdp/loader/elf_object.h"

namespace penstock {

// More than this in one section of globals is taken for a mistake.
inline constexpr std::uint64_t kMostGlobalBytes = 16 << 20;

struct MapDefinition {
  std::string name;           // as declared; of a section of globals its name
  std::uint16_t section = 0;  // where the object declares it, and
  std::uint64_t offset = 0;   // at what offset there; 0 for globals
  std::uint32_t type = 0;     // BPF_MAP_TYPE_...
  std::uint32_t key_bytes = 0, value_bytes = 0, entries = 0;
  std::uint32_t flags = 0;                     // BPF_F_...
  std::uint32_t key_type = 0, value_type = 0;  // BTF numbers, for who looks into the map; 0: none
  bool globals = false;
  bool frozen = false;                // .rodata: neither the engine nor the program writes it again
  std::vector<std::byte> contents{};  // of globals, value_bytes; empty: zeros
};

// Declared maps in the order of their offsets, then the globals in the order of their sections.
// Errors: an attribute that this loader does not know, by name: it would be wrong to leave it out.
Result<std::vector<MapDefinition>> read_map_definitions(const ElfObject& object, const BtfTypes& types);

}  // namespace penstock
