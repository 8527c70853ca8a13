// Result, checks, descriptors and clocks.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/base/nearest_name.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/base/wait.h"

namespace penstock {
namespace {

TEST(Error, SaysWhatWasTriedTheErrnoByNameAndTheFix) {
  const Error error{"bind queue 3 of eth0", EBUSY, "stop the other holder"};
  EXPECT_EQ(error.message(),
            "bind queue 3 of eth0: EBUSY (Device or resource busy); fix: stop the other holder");
}

TEST(Error, WithoutErrnoOrFixIsJustTheText) {
  EXPECT_EQ(Error{"no such path"}.message(), "no such path");
}

TEST(Error, OfAnUnknownNumberStillPrints) {
  EXPECT_EQ((Error{"x", 4095}).message(), "x: errno 4095 (unknown)");
}

TEST(Fail, PutsTheCallersDoingInFront) {
  const Status inner = fail("open /x", ENOENT);
  const Status outer = fail("load capture", inner.error());
  EXPECT_EQ(outer.error().what, "load capture: open /x");
  EXPECT_EQ(outer.error().code, ENOENT);
}

TEST(CheckDeathTest, NamesTheConditionAndAborts) {
  EXPECT_DEATH(PENSTOCK_CHECK(1 + 1 == 3), "CHECK\\(1 \\+ 1 == 3\\) failed");
}

TEST(UniqueFd, ClosesOnceAndMoves) {
  UniqueFd a(open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(a);
  const int number = a.get();
  UniqueFd b(std::move(a));
  EXPECT_EQ(b.get(), number);
  EXPECT_GE(fcntl(number, F_GETFD), 0);
  b.reset();
  EXPECT_EQ(fcntl(number, F_GETFD), -1);
}

TEST(WaitUntil, AsksUntilItHolds) {
  int asked = 0;
  EXPECT_TRUE(wait_until([&] { return ++asked == 3; }, 60 * kSecond, kMicrosecond));
  EXPECT_EQ(asked, 3);
}

TEST(WaitUntil, AsksOnceMoreWhenTheTimeIsOver) {
  int asked = 0;
  EXPECT_FALSE(wait_until([&] { return ++asked < 0; }, 0));
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(wait_until([] { return true; }, 0));
}

TEST(SleepUntil, IsNotEndedBySignals) {
  struct sigaction ignore {};
  ignore.sa_handler = [](int) {};
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGALRM, &ignore, &before), 0);
  const itimerval often{.it_interval = {0, 1'000}, .it_value = {0, 1'000}};
  ASSERT_EQ(setitimer(ITIMER_REAL, &often, nullptr), 0);
  const MonotonicClock clock;
  const Nanoseconds when = clock.now() + 20 * kMillisecond;
  sleep_until(when);
  EXPECT_GE(clock.now(), when);
  sleep_until(0);
  const itimerval never{};
  ASSERT_EQ(setitimer(ITIMER_REAL, &never, nullptr), 0);
  ASSERT_EQ(sigaction(SIGALRM, &before, nullptr), 0);
}

TEST(Clock, MonotonicNeverGoesBack) {
  const MonotonicClock clock;
  const Nanoseconds before = clock.now();
  EXPECT_GE(clock.now(), before);
}

TEST(Clock, ManualMovesOnlyWhenTold) {
  ManualClock clock;
  clock.advance(5 * kMillisecond);
  EXPECT_EQ(clock.now(), 5'000'000);
}

TEST(NearestName, OffersSlipsOnly) {
  const std::vector<std::string> names = {"kernel_filter", "userspace_filter", "udp"};
  EXPECT_EQ(nearest_name("kernel_fliter", names), "kernel_filter");
  EXPECT_EQ(nearest_name("upd", names), "udp");
  EXPECT_EQ(nearest_name("dpdk_pmd_mode", names), "");
}

TEST(SuggestName, NamesTheNearestOrAll) {
  const std::vector<std::string> names = {"seed", "slots"};
  EXPECT_EQ(suggest_name("sed", names), "did you mean 'seed'?");
  EXPECT_EQ(suggest_name("frobnicate", names), "valid: seed, slots");
}

}  // namespace
}  // namespace penstock
