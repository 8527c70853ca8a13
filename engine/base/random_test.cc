// The random numbers: fixed by the standard, apart by purpose, and inside their ranges.
#include "engine/base/random.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// The C++ standard fixes this value: the 10,000th output of a default-seeded engine.
TEST(Random, IsTheStandardsEngine) {
  Random random(5489);
  for (int i = 0; i < 9'999; ++i)
    random.next();
  EXPECT_EQ(random.next(), 9981545732273789042u);
}

TEST(Random, StreamsDifferByPurposeNumberAndSeed) {
  std::set<std::uint64_t> firsts;
  for (const std::uint64_t seed : {1, 2}) {
    for (const char* purpose : {"arrival", "noise"}) {
      for (const std::uint64_t number : {0, 1})
        firsts.insert(Random(seed, purpose, number).next());
    }
  }
  EXPECT_EQ(firsts.size(), 8u);
}

TEST(Random, BelowStaysBelowAndReachesEverything) {
  Random random(7);
  std::array<int, 5> seen{};
  for (int i = 0; i < 10'000; ++i)
    ++seen.at(random.below(5));
  for (const int count : seen)
    EXPECT_NEAR(count, 2'000, 200);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, BetweenIncludesBothEnds) {
  Random random(7);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i)
    seen.insert(random.between(10, 12));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{10, 11, 12}));
}

TEST(Random, ChanceIsInPartsPerMillion) {
  Random random(7);
  int hits = 0;
  for (int i = 0; i < 100'000; ++i)
    hits += random.chance(50'000) ? 1 : 0;
  EXPECT_NEAR(hits, 5'000, 300);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(kPartsPerMillion));
}

TEST(Random, FillsEveryLength) {
  for (std::size_t length = 0; length < 20; ++length) {
    std::array<std::byte, 24> buffer{};
    Random(3).fill(std::span(buffer).first(length));
    for (std::size_t i = length; i < buffer.size(); ++i)
      EXPECT_EQ(buffer[i], std::byte{0});
    EXPECT_EQ(buffer[7] != std::byte{0}, length >= 8);  // of this seed
  }
}

}  // namespace
}  // namespace penstock
