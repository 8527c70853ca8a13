// Against sorted values.
#include "engine/base/latency_histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/random.h"

namespace penstock {
namespace {

TEST(LatencyHistogram, KnowsSmallValuesExactly) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.percentile(0.5), 0);
  for (Nanoseconds value = 1; value <= 20; ++value)
    histogram.add(value);
  EXPECT_EQ(histogram.count(), 20u);
  EXPECT_EQ(histogram.percentile(0), 1);
  EXPECT_EQ(histogram.percentile(0.5), 10);
  EXPECT_EQ(histogram.percentile(1), 20);
  EXPECT_EQ(histogram.max(), 20);
}

TEST(LatencyHistogram, IsNeverTooLowAndAtMostThreePercentTooHigh) {
  Random random(7);
  LatencyHistogram histogram, second;
  std::vector<Nanoseconds> values;
  for (int i = 0; i < 100'000; ++i) {
    const auto value = static_cast<Nanoseconds>(random.below(std::uint64_t{1} << (1 + i % 40)));
    values.push_back(value);
    (i % 2 == 0 ? histogram : second).add(value);
  }
  histogram.merge(second);
  std::sort(values.begin(), values.end());
  for (const double share : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto place = static_cast<std::size_t>(std::ceil(share * 100'000)) - 1;
    EXPECT_GE(histogram.percentile(share), values[place]) << share;
    EXPECT_LE(static_cast<double>(histogram.percentile(share)),
              static_cast<double>(values[place]) * 1.032 + 1)
        << share;
  }
  EXPECT_EQ(histogram.max(), values.back());
}

TEST(LatencyHistogram, ShowsWhatItHasInOrder) {
  LatencyHistogram histogram;
  for (const Nanoseconds value : {1'000'000, 3, 3, 5})
    histogram.add(value);
  std::vector<std::pair<Nanoseconds, std::uint64_t>> seen;
  histogram.for_each(
      [&seen](Nanoseconds at_most, std::uint64_t count) { seen.emplace_back(at_most, count); });
  EXPECT_EQ(seen, (decltype(seen){{3, 2}, {5, 1}, {1'000'000, 1}}));
}

TEST(LatencyHistogram, TakesWhateverComes) {
  LatencyHistogram histogram;
  histogram.add(-5);
  histogram.add(std::numeric_limits<Nanoseconds>::max());
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.percentile(0.5), 0);
  EXPECT_EQ(histogram.max(), std::numeric_limits<Nanoseconds>::max());
}

}  // namespace
}  // namespace penstock
