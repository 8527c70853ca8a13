// Which FEC set a shred claims to belong to, and seeded hashing for the tables that are looked up with
// what arrived from the network: without the seed nobody can make keys that collide.
//
// Thread safety: values and pure functions.
#pragma once

#include <compare>
#include <cstdint>

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

// A bijection that spreads every input bit (the finaliser of MurmurHash3).
constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdu;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53u;
  return x ^ x >> 33;
}

constexpr std::uint64_t hash_of(const SetKey& key, std::uint64_t seed) {
  return mix(mix(key.slot ^ seed) ^ key.fec_set_index);
}
constexpr std::uint64_t hash_of(std::uint64_t key, std::uint64_t seed) {
  return mix(key ^ seed);
}

}  // namespace penstock
