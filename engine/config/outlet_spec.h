// The table [outlet] of the file of `penstock run`: what engine/outlet opens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/packet/address.h"

namespace penstock {

struct OutletSpec {
  std::string socket{};  // where readers connect; empty: there is no outlet
  std::uint32_t depth = 8192;
  std::optional<Endpoint> forward{};  // a UDP socket of this host that gets every payload too

  bool operator==(const OutletSpec&) const = default;
};

}  // namespace penstock
