// The Merkle tree of a FEC set: hashing of leaves and nodes, the whole tree, and one shred's proof.
// Source: shared/reference/shred-format.md section 7.
//
//   leaf = SHA-256(00 | "SOLANA_MERKLE_SHREDS_LEAF" | leaf input)
//   node = SHA-256(01 | "SOLANA_MERKLE_SHREDS_NODE" | left[0..20) | right[0..20))
//
// Proof entries are the first 20 bytes of a node; the root is the whole 32-byte hash. Leaves 0..31
// are data, 32..63 code: ShredHeader::member().
//
// Thread safety: a MerkleHasher holds a reused context (sha256.h): one hasher, one thread. Trees are values.
// No allocation after construction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/shred/layout.h"
#include "engine/shred/sha256.h"

namespace penstock {

using MerkleHash = std::array<std::byte, kMerkleRootSize>;
// A node as other nodes and proofs see it.
using ProofEntry = std::span<const std::byte, kProofEntrySize>;

inline ProofEntry proof_entry(const MerkleHash& hash) {
  return std::span(hash).first<kProofEntrySize>();
}

class MerkleHasher {
 public:
  explicit MerkleHasher(Sha256::Engine engine = Sha256::Engine::kBest) : sha256_(engine) {}

  // `input` is the shred from the end of the signature to the start of the proof.
  MerkleHash leaf(std::span<const std::byte> input);
  // The leaf of a whole shred of this layout.
  MerkleHash leaf_of(std::span<const std::byte> shred, const ShredLayout& layout) {
    return leaf(shred.subspan(kSignatureSize, layout.leaf_size()));
  }
  MerkleHash node(ProofEntry left, ProofEntry right);

  // Two at once, for less than twice the time of one.
  void leaves_of(std::span<const std::byte> shred_a, const ShredLayout& layout_a,
                 std::span<const std::byte> shred_b, const ShredLayout& layout_b, MerkleHash& a,
                 MerkleHash& b) {
    leaf_pair(shred_a.subspan(kSignatureSize, layout_a.leaf_size()),
              shred_b.subspan(kSignatureSize, layout_b.leaf_size()), a, b);
  }
  void leaf_pair(std::span<const std::byte> input_a, std::span<const std::byte> input_b, MerkleHash& a,
                 MerkleHash& b);
  // The nodes above children[0] and [1], and above children[2] and [3].
  void node_pair(std::span<const MerkleHash, 4> children, MerkleHash& a, MerkleHash& b);

  // The root that `proof` (entries of 20 bytes, leaf level first) leads to from `leaf` at `index`.
  // False when the tree is too small for the index: more bits than entries.
  bool fold(const MerkleHash& leaf, std::uint32_t index, std::span<const std::byte> proof, MerkleHash& root);

 private:
  Sha256 sha256_;
};

// All 127 nodes of a set's tree, leaves first, level by level.
class MerkleTree {
 public:
  static constexpr std::size_t kLeaves = kFecSetShreds;
  static constexpr std::size_t kNodes = 2 * kLeaves - 1;

  // Leaves are set by the caller, then build() computes the rest.
  MerkleHash& leaf(std::size_t index) { return nodes_[index]; }
  void build(MerkleHasher& hasher);

  const MerkleHash& root() const { return nodes_[kNodes - 1]; }
  // Writes the six entries of leaf `index`, 120 bytes.
  void write_proof(std::size_t index, std::span<std::byte> proof) const;
  // Node `index` of a level, level 0 being the leaves.
  const MerkleHash& node(unsigned level, std::size_t index) const {
    return nodes_[level_begin(level) + index];
  }

  // Where a level begins among the 127 nodes: 0, 64, 96, 112, 120, 124, 126.
  static constexpr std::size_t level_begin(unsigned level) { return 2 * kLeaves - (2 * kLeaves >> level); }

 private:
  std::array<MerkleHash, kNodes> nodes_{};
};

}  // namespace penstock
