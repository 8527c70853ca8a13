// The arithmetic of the measurements.
#include <gtest/gtest.h>

#include "bench/paths/sample.h"

namespace penstock {
namespace {

TEST(Sample, MedianAndQuartiles) {
  Sample sample;
  EXPECT_EQ(sample.median(), 0);
  for (const double value : {5.0, 1.0, 3.0, 2.0, 4.0})
    sample.add(value);
  EXPECT_EQ(sample.median(), 3);
  EXPECT_EQ(sample.quantile(0.25), 2);
  EXPECT_EQ(sample.quantile(1), 5);
  sample.add(100);
  EXPECT_EQ(sample.median(), 3.5);
}

TEST(Sample, RatiosArePairedAndLeaveOutNothingMeasured) {
  Sample a, b;
  for (const double value : {2.0, 4.0, 9.0})
    a.add(value);
  for (const double value : {1.0, 0.0, 3.0})
    b.add(value);
  EXPECT_EQ(ratios(a, b).values(), (std::vector<double>{2, 3}));
}

}  // namespace
}  // namespace penstock
