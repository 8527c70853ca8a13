// The table [outlet] of the file of `penstock run`: what engine/outlet opens.
#pragma once

#include <cstdint>
#include <string>

namespace penstock {

struct OutletSpec {
  std::string socket{};  // where readers connect; empty: there is no outlet
  std::uint32_t depth = 8192;

  bool operator==(const OutletSpec&) const = default;
};

}  // namespace penstock
