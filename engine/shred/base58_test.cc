// Base58: the leaders of both fixtures, leading zeros, and what is refused.
#include "engine/shred/base58.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/shred/testing/hex.h"
#include "engine/shred/testing/known_answers.h"

namespace penstock {
namespace {

using testing::from_hex;
using testing::to_hex;

void expect_key(std::string_view hex, std::string_view text) {
  EXPECT_EQ(to_base58(from_hex(hex)), text);
  const auto key = key_from_base58(text);
  ASSERT_TRUE(key) << key.error().message();
  EXPECT_EQ(to_hex(*key), hex);
}

TEST(Base58, KnownAnswers) {
  expect_key(testing::kGoldenLeader, testing::kGoldenLeaderBase58);
  expect_key(testing::kTestnetLeader, testing::kTestnetLeaderBase58);
}

TEST(Base58, LeadingZerosAreOnes) {
  expect_key(std::string(64, '0'), std::string(32, '1'));
  expect_key(std::string(62, '0') + "01", std::string(31, '1') + "2");
  expect_key(std::string(64, 'f'), "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG");
}

TEST(Base58, ShortAndLongValuesWrite) {
  EXPECT_EQ(to_base58({}), "");
  EXPECT_EQ(to_base58(from_hex("00000000")), "1111");
  EXPECT_EQ(to_base58(from_hex("0000287fb4cd")), "11233QC4");
  EXPECT_EQ(to_base58(from_hex(std::string(128, '0'))), std::string(64, '1'));
}

TEST(Base58, RefusesWhatIsNoKey) {
  const std::string good(testing::kGoldenLeaderBase58);
  EXPECT_FALSE(key_from_base58(""));
  EXPECT_FALSE(key_from_base58(good.substr(2)));
  EXPECT_FALSE(key_from_base58("1" + good));
  EXPECT_FALSE(key_from_base58(std::string(31, '1')));
  EXPECT_FALSE(key_from_base58(std::string(33, '1')));
  EXPECT_FALSE(key_from_base58(std::string(44, 'z')));  // more than 2^256
  EXPECT_FALSE(key_from_base58(std::string(100'000, 'z')));
  for (const char wrong : {'0', 'O', 'I', 'l', ' ', '\n', '\0', '\xff'}) {
    std::string text = good;
    text[10] = wrong;
    EXPECT_FALSE(key_from_base58(text)) << static_cast<int>(wrong);
  }
}

}  // namespace
}  // namespace penstock
