// Rounds of a loop, by a clock and an account that the test has in its hands; and by the kernel's.
#include "sim/machine/cpu_waits.h"

#include <sched.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr Nanoseconds kMs = kMillisecond;

class CpuWaitsTest : public ::testing::Test {
 protected:
  // A round that ends `took` later, in which it waited for `waited` more.
  void round(Nanoseconds took, Nanoseconds waited) {
    now_ += took;
    delay_ += waited;
    waits_.round(now_);
  }
  void SetUp() override {
    now_ = kSecond;
    waits_.round(now_);
  }

  Nanoseconds now_ = 0, delay_ = 0;
  CpuWaits waits_{[this] { return delay_; }};
};

TEST_F(CpuWaitsTest, AddUpUntilThereIsNoWork) {
  round(10 * kMs, 8 * kMs);
  round(kMs / 10, 0);
  round(5 * kMs, 4 * kMs);
  waits_.caught_up();
  waits_.caught_up();
  round(3 * kMs, 2 * kMs);
  EXPECT_EQ(std::move(waits_).finish(),
            (std::vector<CpuWait>{{kSecond, kSecond + 15 * kMs + kMs / 10, 12 * kMs},
                                  {kSecond + 15 * kMs + kMs / 10, kSecond + 18 * kMs + kMs / 10, 2 * kMs}}));
}

TEST_F(CpuWaitsTest, OfShortRoundsAreNobodysAndALongOneHasNoMoreThanItTook) {
  for (int i = 0; i < 1'000; ++i)
    round(kMs / 2, kMs / 4);
  EXPECT_TRUE(CpuWaits(waits_).finish().empty());
  round(2 * kMs, 0);
  const std::vector<CpuWait> stretches = std::move(waits_).finish();
  ASSERT_EQ(stretches.size(), 1u);
  EXPECT_EQ(stretches[0].waited, 2 * kMs) << "not the 250 ms of the rounds before it";
}

TEST_F(CpuWaitsTest, ALongRoundOfWorkIsNoWait) {
  round(500 * kMs, 0);
  round(500 * kMs, kMs / 2);
  EXPECT_TRUE(std::move(waits_).finish().empty());
}

TEST_F(CpuWaitsTest, KeepTheFirstOfVeryMany) {
  for (std::size_t i = 0; i < CpuWaits::kMostStretches + 5; ++i) {
    round(2 * kMs, 2 * kMs);
    waits_.caught_up();
  }
  EXPECT_EQ(std::move(waits_).finish().size(), CpuWaits::kMostStretches);
}

// The kernel's account, of this thread: whatever it says is no longer than the time that went by.
TEST(CpuWaits, OfAThreadAreNoLongerThanItLived) {
  const MonotonicClock clock;
  const Nanoseconds began = clock.now();
  CpuWaits waits;
  for (Nanoseconds now = began; now < began + 50 * kMs; now = clock.now())
    waits.round(now);
  Nanoseconds together = 0;
  for (const CpuWait& wait : std::move(waits).finish()) {
    EXPECT_GE(wait.since, began);
    EXPECT_LE(wait.waited, wait.until - wait.since);
    together += wait.waited;
  }
  EXPECT_LE(together, clock.now() - began);
}

void run_on(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
}

// Two threads with work for one CPU: the kernel lets them wait by turns, some milliseconds each.
TEST(CpuWaits, AreSeenWhenAnotherThreadHasTheCpu) {
  std::atomic<bool> seen = false;
  const int cpu = sched_getcpu();
  std::jthread other([&seen, cpu] {
    run_on(cpu);
    while (!seen.load(std::memory_order_relaxed)) {
    }
  });
  std::jthread([&seen, cpu] {
    run_on(cpu);
    const MonotonicClock clock;
    CpuWaits waits;
    const Nanoseconds deadline = clock.now() + 60 * kSecond;
    while (CpuWaits(waits).finish().empty() && clock.now() < deadline)
      waits.round(clock.now());
    EXPECT_FALSE(std::move(waits).finish().empty());
    seen = true;
  }).join();
}

}  // namespace
}  // namespace penstock
