// What the machine did, from texts of /proc and from the clock.
#include <gtest/gtest.h>

#include "sim/machine/cpu_cost.h"
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

constexpr const char* kBefore =
    "cpu  10 20 30 900 0 0 5 7 0 0\ncpu0 5 10 15 450 0 0 5 7 0 0\n"
    "cpu1 5 10 15 450 0 0 0 0 0 0\nintr 1 2\n";

TEST(CpuTimes, AreThoseOfEachCpuUntilAnotherLineComes) {
  const auto times = cpu_times_of(kBefore, 100, 3 * kSecond);
  ASSERT_TRUE(times);
  ASSERT_EQ(times->cpus.size(), 2u);
  EXPECT_EQ(times->cpus[0].busy, 350 * kMillisecond);
  EXPECT_EQ(times->cpus[0].rest, 4570 * kMillisecond);
  EXPECT_EQ(times->softirq, 50 * kMillisecond);
  EXPECT_EQ(times->cpus[0].stolen, 70 * kMillisecond);
  EXPECT_EQ(times->own, 3 * kSecond);
  EXPECT_FALSE(cpu_times_of("cpu  1 2 3 4 5 6 7 8\n", 100, 0)) << "no CPU at all";
  EXPECT_TRUE(cpu_times());
}

TEST(CpuUse, IsAsSureAsTicksAre) {
  const auto of = [](Nanoseconds busy_0, Nanoseconds rest_0, Nanoseconds busy_1, Nanoseconds rest_1) {
    return CpuTimes{.cpus = {{busy_0, rest_0}, {busy_1, rest_1}}};
  };
  // A hundred ticks each: one CPU always busy, the other a quarter of the time.
  const CpuUse use = use_between(of(0, 0, 0, 0), of(kSecond, 0, kSecond / 4, kSecond * 3 / 4), 100);
  EXPECT_EQ(use.busy, kSecond * 5 / 4);
  EXPECT_NEAR(use.deviation, 4.33 * 10 * kMillisecond, 0.01 * 10 * kMillisecond);
  EXPECT_EQ(use_between(of(0, 0, 0, 0), of(kSecond, 0, 0, kSecond), 100).deviation, 0);
}

TEST(CpuUse, IsWhatIdleTimeLeavesWhereThatIsMeasured) {
  // No tick saw either CPU busy, and one was for a tenth of the second.
  const CpuTimes before{.cpus = {{0, 0}, {0, 0}}, .at = 60 * kSecond};
  const CpuTimes after{.cpus = {{0, kSecond * 9 / 10}, {0, kSecond}}, .at = 60 * kSecond + kSecond};
  const CpuUse use = use_between(before, after, 100);
  EXPECT_EQ(use.busy, kSecond / 10);
  EXPECT_NEAR(use.deviation, 10 * kMillisecond, 1);
  CpuTimes by_ticks = before;
  by_ticks.at.reset();
  EXPECT_EQ(use_between(by_ticks, after, 100).busy, 0);
}

TEST(CpuTimes, IdleTimeIsMeasuredWhereTimerListSaysSo) {
  EXPECT_TRUE(measures_idle_time("cpu: 0\n  .nohz           : 1\n  .tick_stopped   : 0\n"));
  EXPECT_FALSE(measures_idle_time("cpu: 0\n  .nohz           : 0\n  .tick_stopped   : 1\n"));
  EXPECT_FALSE(measures_idle_time(""));
}

TEST(CpuUse, StolenIsOfTheCpuThatLostMost) {
  const CpuTimes before{.cpus = {{0, 0, 10}, {0, 0, 20}, {0, 0, 30}}};
  const CpuTimes after{.cpus = {{0, 0, 15}, {0, 0, 29}, {0, 0, 30}}};
  EXPECT_EQ(use_between(before, after, 100).stolen, 9) << "the others' are not the engine's";
}

TEST(CpuUse, OfOthersIsWhatThisProcessDidNotUse) {
  CpuTimes before{.cpus = {{0, 0}}}, after{.cpus = {{kSecond, kSecond}}};
  after.softirq = 300 * kMillisecond;
  after.own = 900 * kMillisecond;
  EXPECT_EQ(use_between(before, after, 100).others, 100 * kMillisecond) << "softirq is in the process's time";
  before.irq = after.irq = kMillisecond;
  after.own = 600 * kMillisecond;
  EXPECT_EQ(use_between(before, after, 100).others, 100 * kMillisecond) << "here it is measured by itself";
  after.own = 2 * kSecond;
  EXPECT_EQ(use_between(before, after, 100).others, 0) << "ticks are coarser";
}

TEST(CpuCost, IsWhatReceivingAdds) {
  const CpuUse received{.busy = 3 * kSecond, .deviation = 30e6, .others = 200 * kMillisecond};
  const CpuUse sent_only{.busy = 2 * kSecond, .deviation = 40e6};
  const CpuCost cost = cost_a_packet(received, sent_only, 1'000'000);
  ASSERT_TRUE(cost.nanoseconds) << cost.why_not;
  EXPECT_DOUBLE_EQ(*cost.nanoseconds, 1000);
  EXPECT_DOUBLE_EQ(cost.deviation, 50);
}

TEST(CpuCost, IsNotSaidWhenItWouldMeanNothing) {
  const CpuUse received{.busy = 3 * kSecond}, sent_only{.busy = 2 * kSecond};
  const auto why_not = [](const CpuUse& a, const CpuUse& b, std::uint64_t packets) {
    const CpuCost cost = cost_a_packet(a, b, packets);
    return cost.nanoseconds ? "said" : cost.why_not;
  };
  EXPECT_EQ(why_not(received, sent_only, 1), "said");
  EXPECT_EQ(why_not(received, sent_only, 0), "no packet");
  EXPECT_EQ(why_not(sent_only, received, 1), "run too short") << "nothing was added";
  CpuUse vague = received;
  vague.deviation = 101e6;
  EXPECT_EQ(why_not(vague, sent_only, 1), "run too short");
  CpuUse disturbed = received;
  disturbed.others = 301 * kMillisecond;
  EXPECT_EQ(why_not(disturbed, sent_only, 1), "other programs ran");
  disturbed = sent_only;
  disturbed.others = 201 * kMillisecond;
  EXPECT_EQ(why_not(received, disturbed, 1), "other programs ran");
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
