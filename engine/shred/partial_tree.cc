// Walking up from a leaf until the known part of the tree.
#include "engine/shred/partial_tree.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"

namespace penstock {
namespace {

ProofEntry entry(std::span<const std::byte> proof, unsigned level) {
  return proof.subspan(level * kProofEntrySize).first<kProofEntrySize>();
}

}  // namespace

void PartialTree::reset(const MerkleHash& root) {
  root_ = root;
  known_ = {};
}

void PartialTree::set(std::size_t node, ProofEntry value) {
  std::copy(value.begin(), value.end(), nodes_[node].begin());
  known_[node / 64] |= std::uint64_t{1} << node % 64;
}

bool PartialTree::equal(std::size_t node, ProofEntry value) const {
  return std::memcmp(nodes_[node].data(), value.data(), value.size()) == 0;
}

bool PartialTree::add(MerkleHasher& hasher, const MerkleHash& leaf, std::uint32_t member,
                      std::span<const std::byte> proof) {
  PENSTOCK_CHECK(member < MerkleTree::kLeaves && proof.size() == kFecProofLength * kProofEntrySize);
  std::array<MerkleHash, kFecProofLength + 1> path;  // from the leaf up
  path[0] = leaf;
  const auto node_at = [member](unsigned level) {
    return MerkleTree::level_begin(level) + (member >> level);
  };
  const auto sibling_at = [member](unsigned level) {
    return MerkleTree::level_begin(level) + (member >> level ^ 1);
  };

  unsigned level = 0;
  for (; level < kFecProofLength && !known(node_at(level)); ++level) {
    const ProofEntry here = proof_entry(path[level]);
    const ProofEntry beside = entry(proof, level);
    path[level + 1] = (member >> level & 1) != 0 ? hasher.node(beside, here) : hasher.node(here, beside);
  }
  if (level == kFecProofLength) {
    if (path[level] != root_) return false;
  } else {
    if (!equal(node_at(level), proof_entry(path[level]))) return false;
    for (unsigned above = level; above < kFecProofLength; ++above) {
      if (!equal(sibling_at(above), entry(proof, above))) return false;
    }
  }
  for (unsigned below = 0; below < level; ++below) {
    set(node_at(below), proof_entry(path[below]));
    set(sibling_at(below), entry(proof, below));
  }
  return true;
}

}  // namespace penstock
