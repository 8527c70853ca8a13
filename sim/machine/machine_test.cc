// What the machine did, from texts of /proc and from the clock.
#include <gtest/gtest.h>

#include "sim/machine/cpu_time.h"
#include "sim/machine/pauses.h"

namespace penstock {
namespace {

TEST(CpuTime, CountsAllButIdleAndStolen) {
  const auto busy = busy_time_of("cpu  10 20 30 4000 5000 1 2 700 0 0\ncpu0 ...\n", 100);
  ASSERT_TRUE(busy);
  EXPECT_EQ(*busy, 63 * (kSecond / 100));
  EXPECT_FALSE(busy_time_of("", 100));
  EXPECT_FALSE(busy_time_of("intr 1 2 3", 100));
  EXPECT_TRUE(busy_time());
}

// How many there are is the machine's affair.
TEST(Pauses, AreOfAMicrosecondAndMore) {
  const MonotonicClock clock;
  const Nanoseconds before = clock.now();
  LatencyHistogram pauses;
  watch_pauses(std::nullopt, 20 * kMillisecond, pauses);
  const Nanoseconds took = clock.now() - before;
  EXPECT_GE(took, 20 * kMillisecond);
  EXPECT_LE(pauses.max(), took);
  EXPECT_TRUE(pauses.count() == 0 || pauses.percentile(0) >= kMicrosecond);
}

}  // namespace
}  // namespace penstock
