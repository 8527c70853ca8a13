// The table's consistency, snapshots, and the Prometheus text.
#include "engine/metrics/counters.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(CounterTable, NamesAreUniqueAndInPrometheusForm) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const CounterInfo& info = counter_info(static_cast<Counter>(i));
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(info.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
        << info.name;
    EXPECT_FALSE(info.help.empty()) << info.name;
    EXPECT_NE(info.help.back(), '.') << "the exporter adds the full stop: " << info.name;
  }
}

TEST(CounterTable, SlotsDoNotOverlap) {
  std::set<std::size_t> seen;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    for (std::size_t value = 0; value < label_values(counter_info(counter).label); ++value)
      EXPECT_TRUE(seen.insert(counter_slot(counter, value)).second);
  }
  EXPECT_EQ(seen.size(), kCounterSlots);
  EXPECT_EQ(*seen.rbegin(), kCounterSlots - 1);
}

TEST(CounterTable, ReasonsAreTheClassifiersInItsOrder) {
  EXPECT_EQ(reason_name(PENSTOCK_TAKEN), "taken");
  EXPECT_EQ(reason_name(PENSTOCK_FRAGMENT), "fragment");
  EXPECT_EQ(reason_name(PENSTOCK_OVERSIZE), "oversize");
}

TEST(CounterTable, RejectReasonsAreTheShredStagesInItsOrder) {
  EXPECT_EQ(label_values(CounterLabel::kReject), kRejectReasons - 1);
  for (std::size_t i = 1; i < kRejectReasons; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    EXPECT_EQ(label_value(CounterLabel::kReject, reject_value(reason)), name_of(reason));
  }
}

TEST(Counters, AddSetAndSum) {
  Counters counters;
  counters.add(Counter::kXdpPass, 3, PENSTOCK_PORT);
  counters.add(Counter::kXdpPass, 1, PENSTOCK_ETHERTYPE);
  counters.add(DiscardReason::kOversize);
  counters.add(RejectReason::kMerkle, 5);
  counters.set(Counter::kRxRingFull, 7);
  const CounterSnapshot snapshot = counters.snapshot();
  EXPECT_EQ(snapshot.get(Counter::kXdpPass, PENSTOCK_PORT), 3u);
  EXPECT_EQ(snapshot.sum(Counter::kXdpPass), 4u);
  EXPECT_EQ(snapshot.get(DiscardReason::kOversize), 1u);
  EXPECT_EQ(snapshot.get(RejectReason::kMerkle), 5u);
  EXPECT_EQ(snapshot.get(Counter::kRxRingFull), 7u);
}

TEST(Counters, SinceIsTheDifferenceAndPlusTheTotal) {
  Counters counters;
  counters.add(Counter::kRxDescriptors, 10);
  const CounterSnapshot before = counters.snapshot();
  counters.add(Counter::kRxDescriptors, 5);
  CounterSnapshot delta = counters.snapshot().since(before);
  EXPECT_EQ(delta.get(Counter::kRxDescriptors), 5u);
  delta += before;
  EXPECT_EQ(delta, counters.snapshot());
}

TEST(Counters, TrafficLeavesOutWhatAnIdleReceiverGoesOnCounting) {
  Counters counters;
  counters.add(Counter::kRxDescriptors, 3);
  const CounterSnapshot before = counters.snapshot();
  counters.add(Counter::kRxWaits);
  EXPECT_NE(counters.snapshot(), before);
  EXPECT_EQ(counters.snapshot().traffic(), before.traffic());
  counters.add(Counter::kRxDescriptors);
  EXPECT_NE(counters.snapshot().traffic(), before.traffic());
}

TEST(Counters, AHopIsInEachBucketThatIsLongEnough) {
  const auto first = [](Nanoseconds took) {
    Counters counters;
    counters.add_hop(Counter::kHopShred, took);
    EXPECT_EQ(counters.get(Counter::kHopShred, kHopBuckets - 1), 1u) << took;
    std::size_t bucket = 0;
    while (counters.get(Counter::kHopShred, bucket) == 0)
      ++bucket;
    EXPECT_EQ(counters.snapshot().sum(Counter::kHopShred), kHopBuckets - bucket) << took;
    return bucket;
  };
  EXPECT_EQ(first(-1), 0u);
  EXPECT_EQ(first(kMicrosecond), 0u);
  EXPECT_EQ(first(kMicrosecond + 1), 1u);
  for (std::size_t bucket = 1; bucket + 1 < kHopBuckets; ++bucket) {
    EXPECT_EQ(first(hop_bound(bucket)), bucket);
    EXPECT_EQ(first(hop_bound(bucket) + 1), bucket + 1);
  }
  EXPECT_EQ(first(1'000 * kSecond), kHopBuckets - 1);
}

TEST(CountersDeathTest, SinceRefusesSnapshotsInTheWrongOrder) {
  Counters counters;
  const CounterSnapshot before = counters.snapshot();
  counters.add(Counter::kRxDescriptors);
  EXPECT_DEATH(before.since(counters.snapshot()), "now >= then");
}

TEST(Counters, AnotherThreadMayReadWhileOneWrites) {
  Counters counters;
  std::jthread writer([&] {
    for (int i = 0; i < 10'000; ++i)
      counters.add(Counter::kRxDescriptors);
  });
  std::uint64_t last = 0;
  while (last < 10'000) {
    const std::uint64_t now = counters.snapshot().get(Counter::kRxDescriptors);
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(PrometheusText, HasHelpTypeAndLabels) {
  Counters counters;
  counters.add(Counter::kPublished, 307, 1);
  counters.add(Counter::kXdpPass, 2, PENSTOCK_FRAGMENT);
  const std::vector<std::uint16_t> ports = {8003, 8701};
  const std::string text = prometheus_text(counters.snapshot(), ports);
  EXPECT_NE(text.find("# TYPE penstock_published_total counter\n"), std::string::npos);
  EXPECT_NE(text.find("penstock_published_total{port=\"8003\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("penstock_published_total{port=\"8701\"} 307\n"), std::string::npos);
  EXPECT_NE(text.find("penstock_xdp_pass_total{reason=\"fragment\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("penstock_shred_discarded_total{reason=\"slot_window\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("penstock_overrun_total{consumer=\"return\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("# HELP penstock_rx_ring_full_total Frames lost by the kernel: RX ring full.\n"),
            std::string::npos);
  EXPECT_NE(text.find("penstock_rx_ring_full_total 0\n"), std::string::npos);
  for (const char* le : {"1e-06", "1.6e-05", "0.001024", "0.131072", "+Inf"})
    EXPECT_NE(text.find(std::string("penstock_hop_sink_total{le=\"") + le + "\"} 0\n"), std::string::npos)
        << le;
}

}  // namespace
}  // namespace penstock
