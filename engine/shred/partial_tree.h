// The part of a set's Merkle tree that its verified members have shown, so that a later member costs
// its leaf and the few nodes up to the first known one, not the whole proof.
//
// Invariants
//   1. Every known node is under the signed root: it was hashed or shown on a path that led there.
//   2. Nodes other than the root become known in pairs, a node with its sibling: where a node is known,
//      so are its ancestors, and the siblings of all of them.
//   3. A proof is accepted only if each of its entries is right, also those that were not needed: the
//      shred goes on to others with these bytes.
// Only for proofs of kFecProofLength entries.
//
// Thread safety: none. Trivially constructible, and undefined until reset(): it lives in pooled memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/shred/merkle.h"

namespace penstock {

class PartialTree {
 public:
  void reset(const MerkleHash& root);

  // True when `proof` (120 bytes) leads from `leaf` at `member` to the root; the path is then known.
  bool add(MerkleHasher& hasher, const MerkleHash& leaf, std::uint32_t member,
           std::span<const std::byte> proof);

 private:
  using Node = std::array<std::byte, kProofEntrySize>;

  bool known(std::size_t node) const { return (known_[node / 64] >> node % 64 & 1) != 0; }
  void set(std::size_t node, ProofEntry value);
  bool equal(std::size_t node, ProofEntry value) const;

  MerkleHash root_;
  std::array<Node, MerkleTree::kNodes> nodes_;
  std::array<std::uint64_t, 2> known_;
};

}  // namespace penstock
