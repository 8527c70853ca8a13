// The arrival model: its counts, its shape against the capture that it was fitted to, its tables.
#include "sim/workload/arrival/arrival.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "sim/workload/arrival/latency_table.h"

namespace penstock {
namespace {

// A lognormal's quantiles mirror each other about the median: q(p) * q(1 - p) = median squared.
TEST(LatencyTable, IsALognormalsAboutItsMedian) {
  constexpr std::uint64_t kMedian = 120'000'000;
  EXPECT_EQ(kLatencyQuantiles[128], kMedian);
  for (std::size_t i = 1; i < 128; ++i) {
    if (kLatencyQuantiles[256 - i] == 250'000'000) continue;  // clamped
    const std::uint64_t product = std::uint64_t{kLatencyQuantiles[i]} * kLatencyQuantiles[256 - i];
    EXPECT_NEAR(static_cast<double>(product) / (kMedian * kMedian), 1, 2e-8) << i;
  }
  EXPECT_TRUE(std::is_sorted(kLatencyQuantiles.begin(), kLatencyQuantiles.end()));
  EXPECT_GE(kLatencyQuantiles.front(), 5'000'000u);
  EXPECT_LE(kLatencyQuantiles.back(), 250'000'000u);
}

// 120 ms * exp(0.25 z), with the z of printed tables: z(5/8) = 0.318639, z(3/4) = 0.674490,
// z(7/8) = 1.150349.
TEST(LatencyTable, HasSigmaOfAQuarter) {
  EXPECT_NEAR(kLatencyQuantiles[160], 129950237, 20);
  EXPECT_NEAR(kLatencyQuantiles[192], 142040777, 20);
  EXPECT_NEAR(kLatencyQuantiles[224], 159984844, 20);
}

// The simulation of mainnet: 544 distinct parents for 1,600 shreds, the first 1.0 %, the first ten 8.9 %.
TEST(Parents, AreWeightedAsTheSimulationOfMainnet) {
  const Parents parents(750);
  Random random(1);
  std::size_t distinct = 0;
  std::uint64_t first = 0, first_ten = 0;
  constexpr int kSlots = 100;
  for (int slot = 0; slot < kSlots; ++slot) {
    std::set<std::uint16_t> seen;
    for (int i = 0; i < 1'600; ++i) {
      const std::uint16_t rank = parents.draw(random);
      ASSERT_LT(rank, 750);
      seen.insert(rank);
      first += rank == 0;
      first_ten += rank < 10;
    }
    distinct += seen.size();
  }
  EXPECT_NEAR(static_cast<double>(distinct) / kSlots, 544, 5);
  EXPECT_NEAR(static_cast<double>(first) / (1'600 * kSlots), 0.010, 0.001);
  EXPECT_NEAR(static_cast<double>(first_ten) / (1'600 * kSlots), 0.089, 0.003);
}

TEST(Parents, AnotherParentIsAnother) {
  const Parents two(2);
  Random random(1);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(two.draw_other(random, 1), 0);
  EXPECT_EQ(Parents(1).draw_other(random, 0), 0);
}

TEST(Parents, HaveOneAddressEach) {
  EXPECT_EQ(Parents::endpoint(0).to_string(), "198.18.0.1:8006");
  EXPECT_EQ(Parents::endpoint(749).to_string(), "198.18.2.238:8006");
}

ArrivalConfig mainnet(std::uint64_t seed) {
  return {.seed = seed, .loss_ppm = 10'000, .loss_bursts = true, .duplicate_ppm = 50'000};
}

TEST(ArrivalModel, EveryShredIsDeliveredOrLostUnderOneCause) {
  ArrivalModel model(mainnet(1));
  std::vector<Arrival> arrivals;
  constexpr std::uint32_t kSets = 25 * 100;
  for (std::uint32_t set = 0; set < kSets; ++set)
    model.add_set(set, &arrivals);
  const ArrivalCounts& counts = model.counts();
  EXPECT_EQ(counts.emitted, kSets * 64u);
  EXPECT_EQ(counts.emitted, counts.delivered + counts.lost_independent + counts.lost_in_burst);
  EXPECT_EQ(arrivals.size(), counts.delivered + counts.duplicates);
  const auto share = [&](std::uint64_t n) {
    return static_cast<double>(n) / static_cast<double>(counts.emitted);
  };
  EXPECT_NEAR(share(counts.lost_independent), 0.010, 0.001);
  EXPECT_NEAR(share(counts.lost_in_burst), 0.0030, 0.0010);
  EXPECT_NEAR(share(counts.duplicates), 0.0493, 0.002);
}

TEST(ArrivalModel, DuplicatesComeFromAnotherParentAndLater) {
  ArrivalModel model(mainnet(2));
  std::vector<Arrival> arrivals;
  for (std::uint32_t set = 0; set < 100; ++set)
    model.add_set(set, &arrivals);
  std::map<std::pair<std::uint32_t, std::uint8_t>, Arrival> first;
  int duplicates = 0;
  for (const Arrival& arrival : arrivals) {
    const std::pair key(arrival.origin.set, arrival.origin.member);
    if (arrival.origin.copy == 0) {
      EXPECT_TRUE(first.emplace(key, arrival).second);
      continue;
    }
    ++duplicates;
    ASSERT_TRUE(first.contains(key));
    EXPECT_NE(first[key].origin.parent, arrival.origin.parent);
    EXPECT_GE(arrival.at - first[key].at, 5 * kMillisecond);
    EXPECT_LE(arrival.at - first[key].at, 100 * kMillisecond);
  }
  EXPECT_GT(duplicates, 200);
}

TEST(ArrivalModel, OneParentKeepsItsLatencyThroughALeadersSlots) {
  ArrivalModel model({.seed = 3, .parents = 1});
  std::vector<Arrival> arrivals;
  std::set<Nanoseconds> of_leader[2];
  for (std::uint32_t set = 0; set < 200; ++set) {
    arrivals.clear();
    model.add_set(set, &arrivals);
    for (const Arrival& arrival : arrivals)
      of_leader[set / 100].insert(arrival.at - model.emit_time(set));
  }
  for (const auto& latencies : of_leader) {
    EXPECT_LE(*latencies.rbegin() - *latencies.begin(), 500 * kMicrosecond);  // the jitter
  }
  EXPECT_NE(*of_leader[0].begin() / kMillisecond, *of_leader[1].begin() / kMillisecond);
}

TEST(ArrivalModel, EvenOrderSpacesShredsEvenly) {
  ArrivalModel model({.seed = 4, .pps = 3'000'000, .order = ArrivalOrder::kEven});
  std::vector<Arrival> arrivals;
  for (std::uint32_t set = 0; set < 100; ++set)
    model.add_set(set, &arrivals);
  ASSERT_EQ(arrivals.size(), 6'400u);
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    EXPECT_EQ(arrivals[i].at, static_cast<Nanoseconds>(i * 1'000 / 3));
  }
}

TEST(ArrivalModel, SetBurstsSend64InARowAndThenWait) {
  ArrivalModel model({.seed = 4, .pps = 443'500, .order = ArrivalOrder::kSetBursts});
  std::vector<Arrival> arrivals;
  model.add_set(0, &arrivals);
  model.add_set(1, &arrivals);
  ASSERT_EQ(arrivals.size(), 128u);
  EXPECT_EQ(arrivals[63].at, 63 * kMicrosecond);
  EXPECT_EQ(arrivals[64].at, 64 * kSecond / 443'500);
  for (std::size_t i = 1; i < arrivals.size(); ++i)
    EXPECT_GE(arrivals[i].at, arrivals[i - 1].at);
}

// What the fit was measured with: five sets sent at ticks 33, 43, 52, 62 and 63 of a 400 ms slot.
struct Shape {
  double switches = 0;                                   // of set, from one arrival to the next
  double after_later_set = 0;                            // share that comes after a shred of a later set
  std::vector<double> to_32nd = std::vector<double>(5);  // distinct shreds from a set's first to its 32nd
  double late = 0;                                       // share that comes after its set's 32nd
};

Shape shape_of(std::uint64_t seed) {
  ArrivalModel model({.seed = seed, .loss_ppm = 91'000});  // as much as the capture lacks
  std::vector<Arrival> arrivals;
  const int ticks[5] = {33, 43, 52, 62, 63};
  for (std::uint32_t set = 0; set < 5; ++set) {
    model.add_set_at(set, ticks[set] * 6'250 * kMicrosecond, &arrivals);
  }
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  Shape shape;
  std::vector<int> seen(5), first(5);
  std::uint32_t latest = 0;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const std::uint32_t set = arrivals[i].origin.set;
    shape.switches += i > 0 && arrivals[i - 1].origin.set != set;
    shape.after_later_set += latest > set;
    latest = std::max(latest, set);
    if (seen[set] == 0) first[set] = static_cast<int>(i);
    if (++seen[set] == 32) shape.to_32nd[set] = static_cast<int>(i) - first[set] + 1;
    shape.late += seen[set] > 32;
  }
  shape.after_later_set /= static_cast<double>(arrivals.size());
  shape.late /= static_cast<double>(arrivals.size());
  return shape;
}

TEST(ArrivalModel, HasTheShapeOfTheTestnetCapture) {
  Shape mean;
  constexpr int kSeeds = 200;
  for (int seed = 0; seed < kSeeds; ++seed) {
    const Shape shape = shape_of(static_cast<std::uint64_t>(seed));
    mean.switches += shape.switches / kSeeds;
    mean.after_later_set += shape.after_later_set / kSeeds;
    mean.late += shape.late / kSeeds;
    for (int set = 0; set < 5; ++set)
      mean.to_32nd[set] += shape.to_32nd[set] / kSeeds;
  }
  // The capture has 129, 71 %, 45 % and 41, 97, 130, 93, 136.
  EXPECT_NEAR(mean.switches, 129, 5);
  EXPECT_NEAR(mean.after_later_set, 0.71, 0.02);
  EXPECT_NEAR(mean.late, 0.45, 0.02);
  // One capture scatters by some 20 about the model's means.
  const double capture[5] = {41, 97, 130, 93, 136};
  for (int set = 0; set < 5; ++set)
    EXPECT_NEAR(mean.to_32nd[set], capture[set], 40) << set;
}

}  // namespace
}  // namespace penstock
