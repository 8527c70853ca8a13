// Ed25519: RFC 8032's vectors and the leader's signatures of the golden capture.
#include "engine/shred/signature.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "engine/shred/testing/hex.h"
#include "engine/shred/testing/known_answers.h"
#include "engine/testing/fixtures.h"

namespace penstock {
namespace {

using testing::array_from_hex;
using testing::from_hex;
using testing::to_hex;

struct Vector {
  std::string_view seed, key, message, signature;
};

// RFC 8032 section 7.1, tests 1 to 3.
constexpr Vector kRfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f"
     "0595bbe24"
     "655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2ea"
     "eb4302aee"
     "b00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e"
     "9716ed28d"
     "c027beceea1ec40a"},
};

TEST(Signature, SignsAndVerifiesAsTheRfc) {
  for (const Vector& vector : kRfc8032) {
    const KeyPair keys = key_pair_from_seed(array_from_hex<32>(vector.seed));
    EXPECT_EQ(to_hex(public_key_of(keys)), vector.key);
    const auto message = from_hex(vector.message);
    const Signature signature = sign(keys, message);
    EXPECT_EQ(to_hex(signature), vector.signature);
    EXPECT_TRUE(verify(public_key_of(keys), message, signature));
  }
}

TEST(Signature, KnownAnswerLeaderSignsEachGoldenRoot) {
  const auto leader = array_from_hex<32>(testing::kGoldenLeader);
  for (const testing::KnownSet& set : testing::kGoldenSets) {
    EXPECT_TRUE(verify(leader, from_hex(set.root), array_from_hex<64>(set.signature))) << set.fec_set_index;
  }
}

TEST(Signature, IsRefusedForAnotherRootKeyOrAnyFlippedBit) {
  const auto leader = array_from_hex<32>(testing::kGoldenLeader);
  const auto root = from_hex(testing::kGoldenSets[0].root);
  const auto signature = array_from_hex<64>(testing::kGoldenSets[0].signature);
  EXPECT_FALSE(verify(leader, from_hex(testing::kGoldenSets[1].root), signature));
  EXPECT_FALSE(verify(array_from_hex<32>(testing::kTestnetLeader), root, signature));
  EXPECT_FALSE(verify(PublicKey{}, root, signature));
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Signature flipped = signature;
    flipped[bit / 8] ^= std::byte{1} << bit % 8;
    EXPECT_FALSE(verify(leader, root, flipped)) << bit;
  }
}

TEST(SignatureFixture, TheGoldenKeyGivesTheGoldenSignatures) {
  const auto path = testing::fixture("demo-shreds.key");
  if (!path) GTEST_SKIP() << testing::fixture_absent("demo-shreds.key");
  const std::string content = testing::read_fixture(*path);
  KeyPair keys;
  ASSERT_EQ(content.size(), keys.size());
  std::copy_n(std::as_bytes(std::span(content)).begin(), keys.size(), keys.begin());
  EXPECT_EQ(key_pair_from_seed(std::span(keys).first<32>()), keys);
  for (const testing::KnownSet& set : testing::kGoldenSets) {
    EXPECT_EQ(to_hex(sign(keys, from_hex(set.root))), set.signature) << set.fec_set_index;
  }
}

}  // namespace
}  // namespace penstock
