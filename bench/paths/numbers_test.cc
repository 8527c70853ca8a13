// The arithmetic of the measurements.
#include <gtest/gtest.h>

#include "bench/paths/distribution.h"
#include "bench/paths/markdown.h"
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

TEST(Sample, TheIntervalIsTheSignTests) {
  Sample sample;
  EXPECT_EQ(sample.interval().high, 0);
  EXPECT_EQ(sample.text(1, 0), "-");
  const auto interval_of_first = [&](int count) {
    while (sample.size() < static_cast<std::size_t>(count))
      sample.add(static_cast<double>(sample.size() + 1));
    return sample.interval();
  };
  EXPECT_EQ(interval_of_first(1).confidence, 0);  // one value bounds nothing
  const Interval five = interval_of_first(5);
  EXPECT_EQ(five.low, 1);
  EXPECT_EQ(five.high, 5);
  EXPECT_DOUBLE_EQ(five.confidence, 1 - 2.0 / 32);
  EXPECT_EQ(sample.text(10, 1), "0.3 [0.1 0.5]");
  // As tables of the sign test have it: ranks 1 of 6, 2 of 9, 2 of 10, 3 of 12.
  EXPECT_EQ(interval_of_first(6).low, 1);
  EXPECT_EQ(interval_of_first(9).low, 2);
  const Interval ten = interval_of_first(10);
  EXPECT_EQ(ten.low, 2);
  EXPECT_EQ(ten.high, 9);
  EXPECT_DOUBLE_EQ(ten.confidence, 1 - 2.0 * 11 / 1024);
  EXPECT_EQ(interval_of_first(12).low, 3);
}

TEST(Sample, RatiosArePairedAndLeaveOutNothingMeasured) {
  Sample a, b;
  for (const double value : {2.0, 4.0, 9.0})
    a.add(value);
  for (const double value : {1.0, 0.0, 3.0})
    b.add(value);
  EXPECT_EQ(ratios(a, b).values(), (std::vector<double>{2, 3}));
}

TEST(MarkdownTable, ColumnsLineUpForTheEyeToo) {
  MarkdownTable table({"way", "M/s"});
  table.add({"kernel", "2"});
  EXPECT_EQ(table.text(),
            "| way    | M/s |\n"
            "| ------ | --: |\n"
            "| kernel |   2 |\n");
}

TEST(DistributionTable, HasTheOctavesInWhichAnythingLies) {
  LatencyHistogram ages, pauses;
  for (int i = 0; i < 3; ++i)
    ages.add(2 * 1024 + 5);  // from 2 µs on
  ages.add(8 * 1024 - 1);    // from 4
  pauses.add(1023);
  DistributionTable table;
  table.add("ages", ages);
  table.add("pauses", pauses);
  EXPECT_EQ(table.text(),
            "| % from so many us on |    < 1 |   1 |     2 |     4 |\n"
            "| -------------------- | -----: | --: | ----: | ----: |\n"
            "| ages                 |      - |   - | 75.00 | 25.00 |\n"
            "| pauses               | 100.00 |   - |     - |     - |\n");
}

TEST(DistributionTable, OfNothingIsEmpty) {
  const LatencyHistogram nothing;
  DistributionTable table;
  table.add("nothing", nothing);
  EXPECT_EQ(table.text(), "");
}

}  // namespace
}  // namespace penstock
