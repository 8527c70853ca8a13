// The cache of bad signatures.
#include "engine/shred/negative_cache.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

template <std::size_t kSize>
std::array<std::byte, kSize> filled(unsigned value) {
  std::array<std::byte, kSize> bytes;
  bytes.fill(std::byte(value));
  return bytes;
}

TEST(NegativeCache, ContainsWhatWasInsertedAndNothingElse) {
  NegativeCache cache(64, 1);
  EXPECT_FALSE(cache.contains(filled<64>(1), filled<32>(2), filled<32>(3)));
  cache.insert(filled<64>(1), filled<32>(2), filled<32>(3));
  EXPECT_TRUE(cache.contains(filled<64>(1), filled<32>(2), filled<32>(3)));
}

TEST(NegativeCache, EveryPartOfTheKeyCounts) {
  NegativeCache cache(1, 1);  // one cell: all keys meet
  cache.insert(filled<64>(1), filled<32>(2), filled<32>(3));
  EXPECT_FALSE(cache.contains(filled<64>(9), filled<32>(2), filled<32>(3)));
  EXPECT_FALSE(cache.contains(filled<64>(1), filled<32>(9), filled<32>(3)));
  EXPECT_FALSE(cache.contains(filled<64>(1), filled<32>(2), filled<32>(9)));
  auto last_byte = filled<64>(1);
  last_byte[63] = std::byte{0};
  EXPECT_FALSE(cache.contains(last_byte, filled<32>(2), filled<32>(3)));
}

TEST(NegativeCache, ANewEntryTakesTheCell) {
  NegativeCache cache(1, 1);
  cache.insert(filled<64>(1), filled<32>(2), filled<32>(3));
  cache.insert(filled<64>(4), filled<32>(5), filled<32>(6));
  EXPECT_FALSE(cache.contains(filled<64>(1), filled<32>(2), filled<32>(3)));
  EXPECT_TRUE(cache.contains(filled<64>(4), filled<32>(5), filled<32>(6)));
}

}  // namespace
}  // namespace penstock
