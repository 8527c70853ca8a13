// The search against paths whose limits are known.
#include "bench/paths/rate_search.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr std::array kGoals{kNoLoss, kPartialLoss};

// Loses nothing up to `clean`, and one in a thousand more with each step of a hundredth beyond.
double lost_at(double rate, double clean) {
  return rate <= clean ? 0 : (rate / clean - 1) / 10;
}

TEST(RateSearch, FindsBothLimitsWithinTheWidthFromAnyStart) {
  for (const double clean : {12'000.0, 123'456.0, 1'000'000.0, 3'700'000.0}) {
    for (const double start : {0.2, 0.97, 1.0, 1.3, 8.0}) {
      const auto found =
          search_rates({.first = start * clean}, kGoals,
                       [&](std::uint64_t rate) -> Result<double> { return lost_at(rate, clean); });
      ASSERT_TRUE(found);
      const std::array limits{clean, clean * 1.05};
      for (std::size_t goal = 0; goal < 2; ++goal) {
        const RateBounds& bounds = found->bounds[goal];
        EXPECT_LE(bounds.lower, limits[goal]);
        EXPECT_GT(bounds.upper, limits[goal]);
        EXPECT_GE(static_cast<double>(bounds.lower), 0.97 * static_cast<double>(bounds.upper));
      }
      EXPECT_LT(found->trials, 60) << clean << " from " << start;
    }
  }
}

TEST(RateSearch, ATrialCountsForEveryGoal) {
  std::vector<std::uint64_t> rates;
  const auto found = search_rates({.first = 1'000'000}, kGoals, [&](std::uint64_t rate) -> Result<double> {
    rates.push_back(rate);
    return rate <= 1'000'000 ? 0.0 : 0.4;  // both limits are the same
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bounds[0].lower, found->bounds[1].lower);
  EXPECT_EQ(found->trials, static_cast<int>(rates.size()));
  std::sort(rates.begin(), rates.end());
  for (std::size_t i = 2; i < rates.size(); ++i)
    EXPECT_NE(rates[i], rates[i - 2]) << "two alike had decided it";
}

TEST(RateSearch, OneUnluckyTrialOfThreeIsForgiven) {
  int trials = 0;
  const auto found = search_rates({}, kGoals, [&](std::uint64_t rate) -> Result<double> {
    return rate <= 900'000 && ++trials % 3 != 0 ? 0.0 : 0.1;  // every third is hit by something else
  });
  ASSERT_TRUE(found);
  EXPECT_GT(found->bounds[0].lower, 850'000u);
}

TEST(RateSearch, WithoutALimitOneEndIsOpen) {
  const auto all = search_rates({}, kGoals, [](std::uint64_t) -> Result<double> { return 0.0; });
  ASSERT_TRUE(all);
  EXPECT_EQ(all->bounds[0].lower, RateSearchConfig{}.highest);
  EXPECT_EQ(all->bounds[0].upper, 0u);
  const auto none = search_rates({}, kGoals, [](std::uint64_t) -> Result<double> { return 2.0; });
  ASSERT_TRUE(none);
  EXPECT_EQ(none->bounds[1].lower, 0u);
  EXPECT_EQ(none->bounds[1].upper, RateSearchConfig{}.lowest);
}

TEST(RateSearch, AnErrorEndsIt) {
  EXPECT_FALSE(search_rates({}, kGoals, [](std::uint64_t) -> Result<double> { return fail("no stage"); }));
}

TEST(RateSearch, TheStopRuleNamesItsNumbers) {
  const std::string rule = stop_rule({.width = 0.02}, 0.5);
  EXPECT_NE(rule.find("0.5 s"), std::string::npos);
  EXPECT_NE(rule.find("within 2 %"), std::string::npos);
}

}  // namespace
}  // namespace penstock
