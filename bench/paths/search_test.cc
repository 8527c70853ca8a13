// The search against paths whose limit is known.
#include "bench/paths/search.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Search, FindsTheLimitWithinThePrecision) {
  for (const std::uint64_t limit : {11'000u, 123'456u, 1'000'000u, 3'700'000u, 9'900'000u}) {
    int trials = 0;
    const auto found = highest_passing({}, [&](std::uint64_t rate) -> Result<bool> {
      ++trials;
      return rate <= limit;
    });
    ASSERT_TRUE(found);
    EXPECT_LE(*found, limit);
    EXPECT_GE(static_cast<double>(*found), 0.95 * static_cast<double>(limit));
    EXPECT_LT(trials, 40);
  }
}

TEST(Search, OneUnluckyTrialOfThreeIsForgiven) {
  int trials = 0;
  const auto found = highest_passing({}, [&](std::uint64_t rate) -> Result<bool> {
    ++trials;
    return rate <= 1'000'000 && trials % 3 != 0;  // every third is hit by something else
  });
  ASSERT_TRUE(found);
  EXPECT_GT(*found, 900'000u);
}

TEST(Search, NothingPasses) {
  EXPECT_EQ(*highest_passing({}, [](std::uint64_t) -> Result<bool> { return false; }), 0u);
}

TEST(Search, AnErrorEndsIt) {
  EXPECT_FALSE(highest_passing({}, [](std::uint64_t) -> Result<bool> { return fail("no stage"); }));
}

}  // namespace
}  // namespace penstock
