// A hash map from a key to a 32-bit number, of a capacity fixed at construction: no allocation and no
// rehash afterwards. Open addressing with linear probing at most half full; erasing shifts the followers
// back, so that there are no tombstones and look-ups do not slow down with age.
//
// Looked up with what arrives from the network, so hashing is seeded: without the seed nobody can make
// keys that collide.
//
// Key needs operator== and `std::uint64_t hash_of(const Key&, std::uint64_t seed)`.
//
// Thread safety: none.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/check.h"

namespace penstock {

// A bijection that spreads every input bit (the finaliser of MurmurHash3).
constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdu;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53u;
  return x ^ x >> 33;
}

constexpr std::uint64_t hash_of(std::uint64_t key, std::uint64_t seed) {
  return mix(key ^ seed);
}

template <typename Key>
class FixedMap {
 public:
  FixedMap(std::size_t capacity, std::uint64_t seed)
      : capacity_(capacity), seed_(seed), cells_(std::bit_ceil(2 * capacity + 1)), mask_(cells_.size() - 1) {}

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }

  // The value of `key`, to read or change; null when it is absent. Valid until the next insert or erase.
  std::uint32_t* find(const Key& key) {
    for (std::size_t i = home(key); cells_[i].used; i = next(i)) {
      if (cells_[i].key == key) return &cells_[i].value;
    }
    return nullptr;
  }

  // `key` must be absent and the map not full.
  void insert(const Key& key, std::uint32_t value) {
    PENSTOCK_CHECK(size_ < capacity_);
    std::size_t i = home(key);
    for (; cells_[i].used; i = next(i))
      PENSTOCK_CHECK(!(cells_[i].key == key));
    cells_[i] = {key, value, true};
    ++size_;
  }

  // `key` must be present.
  void erase(const Key& key) {
    std::size_t hole = home(key);
    while (true) {
      PENSTOCK_CHECK(cells_[hole].used);
      if (cells_[hole].key == key) break;
      hole = next(hole);
    }
    for (std::size_t i = next(hole); cells_[i].used; i = next(i)) {
      // A cell may move into the hole when the hole is not in front of its home.
      if (((i - home(cells_[i].key)) & mask_) >= ((i - hole) & mask_)) {
        cells_[hole] = cells_[i];
        hole = i;
      }
    }
    cells_[hole].used = false;
    --size_;
  }

 private:
  struct Cell {
    Key key{};
    std::uint32_t value = 0;
    bool used = false;
  };

  std::size_t home(const Key& key) const { return hash_of(key, seed_) & mask_; }
  std::size_t next(std::size_t i) const { return (i + 1) & mask_; }

  std::size_t capacity_;
  std::size_t size_ = 0;
  std::uint64_t seed_;
  std::vector<Cell> cells_;
  std::size_t mask_;
};

}  // namespace penstock
