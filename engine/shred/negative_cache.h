// Remembers signatures that were checked and found bad, so that a repeated forgery costs no second check.
//
// The key is all of (signature, root, leader), compared byte for byte: an honest signature copied onto
// junk has another root, so remembering the junk blocks nothing honest. Bounded: a new entry takes the
// place of whatever was in its cell. A forgotten entry costs one more check and nothing else.
//
// Thread safety: none. No allocation after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/shred/merkle.h"
#include "engine/shred/signature.h"

namespace penstock {

class NegativeCache {
 public:
  // `cells` must be a power of two; each takes 128 bytes.
  NegativeCache(std::size_t cells, std::uint64_t seed);

  bool contains(const Signature& signature, const MerkleHash& root, const PublicKey& leader) const;
  void insert(const Signature& signature, const MerkleHash& root, const PublicKey& leader);

 private:
  struct Cell {
    Signature signature;
    MerkleHash root;
    PublicKey leader;
    bool operator==(const Cell&) const = default;
  };

  std::size_t place(const Cell& cell) const;

  std::uint64_t seed_;
  // Zeros to begin with: a cell that no bad signature fills, since an all-zero root is no known hash.
  std::vector<Cell> cells_;
};

}  // namespace penstock
