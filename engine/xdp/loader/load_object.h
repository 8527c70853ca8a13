// The two loaders behind one interface. Thread safety: as theirs.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/result.h"
#include "engine/xdp/loader/loaded_object.h"

namespace penstock {

enum class Loader : std::uint8_t {
  kLibbpf,  // libbpf_loader.h
  kDirect,  // direct_loader.h: bpf() system calls alone
};

std::string_view to_string(Loader loader);

// `keep`: programs are loaded onto its maps and variables, whose contents stay; null makes new ones.
Result<LoadedObject> load_object(Loader loader, const ObjectFile& file, const LoadedObject* keep = nullptr);

}  // namespace penstock
