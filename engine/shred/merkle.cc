// Leaves, nodes, trees: what is hashed, over sha256.h.
#include "engine/shred/merkle.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr char kLeafPrefix[] = "\0SOLANA_MERKLE_SHREDS_LEAF";
constexpr char kNodePrefix[] = "\1SOLANA_MERKLE_SHREDS_NODE";
static_assert(sizeof(kLeafPrefix) == Sha256::kPrefixSize + 1 &&
              sizeof(kNodePrefix) == Sha256::kPrefixSize + 1);

constexpr Sha256::Prefix prefix(const char (&text)[Sha256::kPrefixSize + 1]) {
  return std::span(text).first<Sha256::kPrefixSize>();
}

using Children = std::array<std::byte, 2 * kProofEntrySize>;

Children children_of(ProofEntry left, ProofEntry right) {
  Children children;
  std::memcpy(children.data(), left.data(), kProofEntrySize);
  std::memcpy(children.data() + kProofEntrySize, right.data(), kProofEntrySize);
  return children;
}

}  // namespace

MerkleHash MerkleHasher::leaf(std::span<const std::byte> input) {
  MerkleHash hash;
  sha256_.hash(prefix(kLeafPrefix), input, hash);
  return hash;
}

MerkleHash MerkleHasher::node(ProofEntry left, ProofEntry right) {
  MerkleHash hash;
  sha256_.hash(prefix(kNodePrefix), children_of(left, right), hash);
  return hash;
}

void MerkleHasher::leaf_pair(std::span<const std::byte> input_a, std::span<const std::byte> input_b,
                             MerkleHash& a, MerkleHash& b) {
  sha256_.hash_pair(prefix(kLeafPrefix), input_a, input_b, a, b);
}

void MerkleHasher::node_pair(std::span<const MerkleHash, 4> children, MerkleHash& a, MerkleHash& b) {
  const Children of_a = children_of(proof_entry(children[0]), proof_entry(children[1]));
  const Children of_b = children_of(proof_entry(children[2]), proof_entry(children[3]));
  sha256_.hash_pair(prefix(kNodePrefix), of_a, of_b, a, b);
}

bool MerkleHasher::fold(const MerkleHash& leaf, std::uint32_t index, std::span<const std::byte> proof,
                        MerkleHash& root) {
  const std::size_t length = proof.size() / kProofEntrySize;
  PENSTOCK_CHECK(length < 32 && proof.size() == length * kProofEntrySize);
  if (index >> length != 0) return false;
  root = leaf;
  for (std::size_t level = 0; level < length; ++level, index >>= 1) {
    const ProofEntry sibling = proof.subspan(level * kProofEntrySize).first<kProofEntrySize>();
    root = (index & 1) != 0 ? node(sibling, proof_entry(root)) : node(proof_entry(root), sibling);
  }
  return true;
}

// Every level but the root's has an even number of nodes.
void MerkleTree::build(MerkleHasher& hasher) {
  const auto children = [this](std::size_t parent) { return &nodes_[2 * (parent - kLeaves)]; };
  for (std::size_t parent = kLeaves; parent + 1 < kNodes; parent += 2) {
    hasher.node_pair(std::span<const MerkleHash, 4>(children(parent), 4), nodes_[parent], nodes_[parent + 1]);
  }
  const MerkleHash* last = children(kNodes - 1);
  nodes_[kNodes - 1] = hasher.node(proof_entry(last[0]), proof_entry(last[1]));
}

void MerkleTree::write_proof(std::size_t index, std::span<std::byte> proof) const {
  PENSTOCK_CHECK(index < kLeaves && proof.size() >= kFecProofLength * kProofEntrySize);
  for (unsigned level = 0; level < kFecProofLength; ++level, index >>= 1) {
    const MerkleHash& sibling = node(level, index ^ 1);
    std::copy_n(sibling.begin(), kProofEntrySize,
                proof.begin() + static_cast<std::ptrdiff_t>(level * kProofEntrySize));
  }
}

}  // namespace penstock
