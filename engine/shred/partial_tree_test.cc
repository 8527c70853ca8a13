// The partial tree accepts exactly what a whole fold accepts, in any order of members.
#include "engine/shred/partial_tree.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

class PartialTreeTest : public ::testing::Test {
 protected:
  PartialTreeTest() {
    for (std::size_t i = 0; i < 64; ++i) {
      const std::byte input{static_cast<unsigned char>(i)};
      whole_.leaf(i) = hasher_.leaf(std::span(&input, 1));
    }
    whole_.build(hasher_);
    partial_->reset(whole_.root());
  }

  std::vector<std::byte> proof(std::uint32_t member) const {
    std::vector<std::byte> bytes(120);
    whole_.write_proof(member, bytes);
    return bytes;
  }
  bool add(std::uint32_t member) {
    return partial_->add(hasher_, whole_.leaf(member), member, proof(member));
  }

  MerkleHasher hasher_;
  MerkleTree whole_;
  std::unique_ptr<PartialTree> partial_ = std::make_unique<PartialTree>();
};

TEST_F(PartialTreeTest, TakesEveryMemberInAnyOrderAndAgain) {
  std::vector<std::uint32_t> order(64);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    partial_->reset(whole_.root());
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[random() % i]);
    for (const std::uint32_t member : order)
      ASSERT_TRUE(add(member));
    for (const std::uint32_t member : order)
      ASSERT_TRUE(add(member));
  }
}

TEST_F(PartialTreeTest, RefusesAnyChangedProofByteHoweverMuchIsKnown) {
  std::mt19937_64 random(4);
  for (const std::uint32_t known : {0u, 1u, 2u, 5u, 31u, 63u}) {
    partial_->reset(whole_.root());
    for (std::uint32_t i = 0; i < known; ++i)
      ASSERT_TRUE(add(static_cast<std::uint32_t>(random() % 64)));
    for (std::uint32_t member = 0; member < 64; ++member) {
      for (std::size_t byte = 0; byte < 120; byte += 7) {
        auto bad = proof(member);
        bad[byte] ^= std::byte{0x10};
        ASSERT_FALSE(partial_->add(hasher_, whole_.leaf(member), member, bad)) << member << " " << byte;
      }
    }
  }
}

TEST_F(PartialTreeTest, RefusesAnotherLeafAndAnotherPlace) {
  for (const bool all_known : {false, true}) {
    for (std::uint32_t member = 0; all_known && member < 64; ++member)
      ASSERT_TRUE(add(member));
    for (std::uint32_t member = 0; member < 64; ++member) {
      EXPECT_FALSE(partial_->add(hasher_, whole_.leaf(member ^ 1), member, proof(member)));
      EXPECT_FALSE(partial_->add(hasher_, whole_.leaf(member), member ^ 1, proof(member)));
    }
  }
}

TEST_F(PartialTreeTest, ARefusedMemberTeachesNothing) {
  auto bad = proof(9);
  bad[0] ^= std::byte{1};
  EXPECT_FALSE(partial_->add(hasher_, whole_.leaf(9), 9, bad));
  EXPECT_FALSE(partial_->add(hasher_, whole_.leaf(9), 9, bad));
  for (std::uint32_t member = 0; member < 64; ++member)
    EXPECT_TRUE(add(member));
}

}  // namespace
}  // namespace penstock
