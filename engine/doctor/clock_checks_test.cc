// Clocks of every kind, by what they would say.
#include "engine/doctor/clock_checks.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Clock, IsHeldToBeingSynchronizedAndCheap) {
  Findings good;
  check_clock({.synchronized = true, .source = "tsc"}, good);
  EXPECT_EQ(worst_of(good), Level::kOk);
  Findings wrong;
  check_clock({.synchronized = false, .source = "kvm-clock"}, wrong);
  ASSERT_EQ(wrong.size(), 1u);
  EXPECT_EQ(wrong[0].level, Level::kWarn);
  Findings slow;
  check_clock({.synchronized = true, .source = "hpet"}, slow);
  ASSERT_EQ(slow.size(), 2u);
  EXPECT_EQ(slow[1].what, "clock source");
  EXPECT_EQ(slow[1].level, Level::kWarn);
}

TEST(Clock, OfThisHostCanBeAsked) {
  EXPECT_FALSE(clock_state().source.empty());
}

}  // namespace
}  // namespace penstock
