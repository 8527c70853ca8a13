// Each cause has its name and is counted once.
#include "engine/metrics/losses.h"

#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Losses, AreNamedAndSummedOnce) {
  Counters counters;
  counters.set(Counter::kRxRingFull, 1);
  counters.set(Counter::kRxDropped, 10);
  counters.set(Counter::kSocketDrop, 100);
  counters.add(DiscardReason::kOversize, 1'000);
  counters.add(Counter::kOverrun, 10'000, static_cast<std::size_t>(Consumer::kShred));
  counters.add(Counter::kTapError, 100'000);
  counters.add(Counter::kSlowWayDiscarded, 1'000'000, 0);
  counters.set(Counter::kSlowWayDropped, 10'000'000);
  counters.add(Counter::kPublished, 77);  // no loss
  const CounterSnapshot snapshot = counters.snapshot();
  EXPECT_EQ(lost_frames(snapshot), 11'111'111u);
  std::uint64_t sum = 0;
  std::set<std::string> causes;
  for (const Loss& loss : losses(snapshot)) {
    sum += loss.frames;
    EXPECT_TRUE(causes.insert(loss.cause).second) << loss.cause;
    EXPECT_EQ(loss.frames == 10'000, loss.cause == "overrun{consumer=\"shred\"}") << loss.cause;
  }
  EXPECT_EQ(sum, 11'111'111u);
  EXPECT_TRUE(causes.contains("discarded{reason=\"oversize\"}"));
  EXPECT_TRUE(causes.contains("overrun{consumer=\"shred\"}"));
}

}  // namespace
}  // namespace penstock
