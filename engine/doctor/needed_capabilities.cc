// A list of names.
#include "engine/doctor/needed_capabilities.h"

#include <fmt/format.h>

namespace penstock {

std::string missing_capabilities(std::uint64_t set) {
  std::string missing;
  for (const NeededCapability& needed : kNeededCapabilities) {
    if (has_capability(set, needed.number)) continue;
    missing += fmt::format("{}{} (to {})", missing.empty() ? "" : ", ", needed.name, needed.need);
  }
  return missing;
}

}  // namespace penstock
