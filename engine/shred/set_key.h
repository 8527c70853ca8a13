// Which FEC set a shred claims to belong to.
//
// Thread safety: values and pure functions.
#pragma once

#include <compare>
#include <cstdint>

#include "engine/shred/fixed_map.h"
#include "engine/shred/header.h"

namespace penstock {

struct SetKey {
  std::uint64_t slot = 0;
  std::uint32_t fec_set_index = 0;

  auto operator<=>(const SetKey&) const = default;
};

inline SetKey key_of(const ShredHeader& header) {
  return {header.slot, header.fec_set_index};
}

constexpr std::uint64_t hash_of(const SetKey& key, std::uint64_t seed) {
  return mix(mix(key.slot ^ seed) ^ key.fec_set_index);
}

}  // namespace penstock
