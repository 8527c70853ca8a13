// The status line from counters.
#include "engine/commands/status_line.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(StatusLine, ShowsRatesOfTheIntervalAndLossesSinceTheStart) {
  Counters counters;
  counters.add(DiscardReason::kOversize, 3);
  counters.set(Counter::kRxRingFull, 4);
  const CounterSnapshot before = counters.snapshot();
  counters.add(Counter::kPublished, 200'000, 1);
  counters.add(Counter::kPublishedBytes, 250'000'000, 1);
  counters.add(Counter::kSlowWayPublished, 2'000, 0);
  counters.set(Counter::kXdpPass, 20, PENSTOCK_PORT);
  counters.add(Counter::kReturnWritten, 4);
  const CounterSnapshot total = counters.snapshot();
  EXPECT_EQ(status_line(total.since(before), 2 * kSecond, total),
            "101,000 datagrams/s (1000.0 Mb/s), slow way 1,000/s, to the host 12/s, lost 7");
}

TEST(StatusLine, SaysWhenEverythingPassesBecauseAThreadHangs) {
  Counters counters;
  const CounterSnapshot before = counters.snapshot();
  EXPECT_EQ(status_line(before, kSecond, before).find("hangs"), std::string::npos);
  counters.set(Counter::kXdpPass, 20, PENSTOCK_ENGINE_STALLED);
  const CounterSnapshot total = counters.snapshot();
  EXPECT_NE(status_line(total.since(before), kSecond, total).find("hangs"), std::string::npos);
}

}  // namespace
}  // namespace penstock
