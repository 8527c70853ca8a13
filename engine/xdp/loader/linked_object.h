// A whole BPF object, ready for the kernel but for the descriptors of its maps and types.
//
//   link_object(bytes)  ->  types, maps, programs, variables, licence
//
// No system call is made and nothing of libelf or libbpf is used. Any bytes are safe to give: what is not a
// sound object is an error that says why. Thread safety: a pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/xdp/loader/bounded_bytes.h"
#include "engine/xdp/loader/map_definitions.h"
#include "engine/xdp/loader/program_link.h"

namespace penstock {

struct LinkedObject {
  // A global variable of the source.
  struct Variable {
    std::string name;
    std::uint32_t map;  // index into maps
    std::uint64_t offset, bytes;
  };

  std::vector<std::byte> types;  // for BPF_BTF_LOAD
  std::vector<MapDefinition> maps;
  std::vector<LinkedProgram> programs;  // the functions of section "xdp", in its order
  std::vector<Variable> variables;
  std::string license;
};

Result<LinkedObject> link_object(Bytes file);

}  // namespace penstock
