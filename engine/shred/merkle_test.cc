// The Merkle path of the golden capture, and trees against an independent SHA-256.
#include "engine/shred/merkle.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/shred/parse.h"
#include "engine/shred/testing/hex.h"
#include "engine/shred/testing/known_answers.h"
#include "engine/testing/fixtures.h"

namespace penstock {
namespace {

using testing::array_from_hex;
using testing::from_hex;
using testing::to_hex;

// The definition, spelled out with the other SHA-256.
std::string expected_leaf(std::string_view input) {
  const std::string text = std::string(1, '\0') + "SOLANA_MERKLE_SHREDS_LEAF" + std::string(input);
  return testing::sha256_hex(std::as_bytes(std::span(text)));
}

std::string expected_node(const MerkleHash& left, const MerkleHash& right) {
  const std::string text = "\1SOLANA_MERKLE_SHREDS_NODE";
  std::vector<std::byte> bytes(26 + 40);
  std::copy_n(std::as_bytes(std::span(text)).begin(), 26, bytes.begin());
  std::copy_n(left.begin(), 20, bytes.begin() + 26);
  std::copy_n(right.begin(), 20, bytes.begin() + 46);
  return testing::sha256_hex(bytes);
}

MerkleTree make_tree(MerkleHasher& hasher) {
  MerkleTree tree;
  for (std::size_t i = 0; i < MerkleTree::kLeaves; ++i) {
    const std::byte input{static_cast<unsigned char>(i)};
    tree.leaf(i) = hasher.leaf(std::span(&input, 1));
  }
  tree.build(hasher);
  return tree;
}

TEST(MerkleHasher, LeafIsThePrefixedHash) {
  MerkleHasher hasher;
  for (const std::string input :
       {"", "a", "a longer input than one block of sixty-four bytes, so that two are hashed"}) {
    EXPECT_EQ(to_hex(hasher.leaf(std::as_bytes(std::span(input)))), expected_leaf(input));
  }
}

TEST(MerkleHasher, PairsAreTwoOfTheSame) {
  MerkleHasher hasher;
  const std::vector<std::byte> data(1019, std::byte{1});
  const std::vector<std::byte> code(1044, std::byte{2});
  std::array<MerkleHash, 4> hashes;
  hasher.leaf_pair(data, code, hashes[0], hashes[1]);
  EXPECT_EQ(hashes[0], hasher.leaf(data));
  EXPECT_EQ(hashes[1], hasher.leaf(code));
  hasher.leaf_pair(code, data, hashes[2], hashes[3]);
  MerkleHash a, b;
  hasher.node_pair(hashes, a, b);
  EXPECT_EQ(a, hasher.node(proof_entry(hashes[0]), proof_entry(hashes[1])));
  EXPECT_EQ(b, hasher.node(proof_entry(hashes[2]), proof_entry(hashes[3])));
}

TEST(MerkleHasher, KnownAnswerEveryLevelOfTheFirstLeaf) {
  MerkleHasher hasher;
  const auto proof = from_hex(testing::kGoldenProof0);
  auto node = array_from_hex<32>(testing::kGoldenFirstNodes[0]);
  for (std::size_t level = 0; level < 6; ++level) {
    const auto sibling = std::span(proof).subspan(level * kProofEntrySize).first<kProofEntrySize>();
    node = hasher.node(proof_entry(node), sibling);
    EXPECT_EQ(to_hex(node), testing::kGoldenFirstNodes[level + 1]) << level;
  }
}

TEST(MerkleHasher, KnownAnswerFoldsToTheRoot) {
  MerkleHasher hasher;
  const auto leaf = array_from_hex<32>(testing::kGoldenFirstNodes[0]);
  MerkleHash root;
  ASSERT_TRUE(hasher.fold(leaf, 0, from_hex(testing::kGoldenProof0), root));
  EXPECT_EQ(to_hex(root), testing::kGoldenSets[0].root);
}

TEST(MerkleHasher, FoldOfAnyFlippedBitMissesTheRoot) {
  MerkleHasher hasher;
  const auto leaf = array_from_hex<32>(testing::kGoldenFirstNodes[0]);
  const auto good = from_hex(testing::kGoldenProof0);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto proof = good;
    proof[i] ^= std::byte{1};
    MerkleHash root;
    ASSERT_TRUE(hasher.fold(leaf, 0, proof, root));
    EXPECT_NE(to_hex(root), testing::kGoldenSets[0].root) << i;
  }
}

TEST(MerkleHasher, AnIndexBeyondTheProofIsRefused) {
  MerkleHasher hasher;
  MerkleHash root;
  const std::vector<std::byte> proof(6 * kProofEntrySize);
  EXPECT_TRUE(hasher.fold({}, 63, proof, root));
  EXPECT_FALSE(hasher.fold({}, 64, proof, root));
  EXPECT_TRUE(hasher.fold({}, 0, {}, root));
  EXPECT_FALSE(hasher.fold({}, 1, {}, root));
}

TEST(MerkleTree, EveryNodeIsTheHashOfItsChildren) {
  MerkleHasher hasher;
  const MerkleTree tree = make_tree(hasher);
  for (unsigned level = 1; level <= 6; ++level) {
    for (std::size_t i = 0; i < MerkleTree::kLeaves >> level; ++i) {
      EXPECT_EQ(to_hex(tree.node(level, i)),
                expected_node(tree.node(level - 1, 2 * i), tree.node(level - 1, 2 * i + 1)));
    }
  }
  EXPECT_EQ(tree.root(), tree.node(6, 0));
}

TEST(MerkleTree, EveryProofFoldsToTheRootAtItsOwnPlaceOnly) {
  MerkleHasher hasher;
  MerkleTree tree = make_tree(hasher);
  for (std::uint32_t i = 0; i < 64; ++i) {
    std::array<std::byte, 120> proof;
    tree.write_proof(i, proof);
    MerkleHash root;
    ASSERT_TRUE(hasher.fold(tree.leaf(i), i, proof, root));
    EXPECT_EQ(root, tree.root());
    ASSERT_TRUE(hasher.fold(tree.leaf(i), i ^ 1, proof, root));
    EXPECT_NE(root, tree.root());
  }
}

TEST(MerkleFixture, EveryGoldenShredProvesItsSet) {
  const auto path = testing::fixture("demo-shreds.pcap");
  if (!path) GTEST_SKIP() << testing::fixture_absent("demo-shreds.pcap");
  const auto frames = read_ethernet_frames(*path);
  ASSERT_TRUE(frames);
  MerkleHasher hasher;
  for (const OwnedFrame& frame : *frames) {
    const auto shred = std::span(frame.bytes).subspan(42);
    const ShredHeader header = parse_shred(shred).header;
    const ShredLayout layout = layout_of(header.variant);
    const MerkleHash leaf = hasher.leaf_of(shred, layout);
    MerkleHash root;
    ASSERT_TRUE(hasher.fold(leaf, header.member(), shred.subspan(layout.proof, 120), root));
    EXPECT_EQ(to_hex(root), testing::kGoldenSets[header.fec_set_index / 32].root);
    if (header.fec_set_index == 0 && header.member() == 0) {
      EXPECT_EQ(to_hex(leaf), testing::kGoldenFirstNodes[0]);
      EXPECT_EQ(to_hex(shred.subspan(layout.proof, 120)), testing::kGoldenProof0);
    }
    if (header.fec_set_index == 0 && header.member() == 63) {
      EXPECT_EQ(to_hex(shred.subspan(layout.proof, 120)), testing::kGoldenProof63);
    }
  }
}

}  // namespace
}  // namespace penstock
