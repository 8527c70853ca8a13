// Shrinking with a made-up failure, so that what must be left is known.
#include "sim/simulate/shrink.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// Fails when the engine is stalled with a frame of number 40 or more behind it.
Result<SimOutcome> made_up(const SimPlan& plan) {
  bool stalled = false;
  for (const SimEvent& event : plan.events) {
    stalled = stalled || event.kind == SimEventKind::kStallEngine;
    if (stalled && event.kind == SimEventKind::kFrame && event.frame.number >= 40)
      return SimOutcome{.violation = "law 9: frame " + std::to_string(event.frame.number)};
  }
  return SimOutcome{};
}

SimPlan plan_with_a_stall() {
  SimPlan plan = draw_plan(5);
  plan.events.insert(plan.events.begin() + 10, {.at = plan.events[9].at, .kind = SimEventKind::kStallEngine});
  return plan;
}

TEST(Shrink, LeavesWhatItTakesAndNothingElse) {
  const SimPlan plan = plan_with_a_stall();
  const Result<SimOutcome> failed = made_up(plan);
  ASSERT_FALSE(failed->held());
  const Result<Shrunk> shrunk = shrink(plan, *failed, made_up);
  ASSERT_TRUE(shrunk);
  ASSERT_EQ(shrunk->plan.events.size(), 2u);
  EXPECT_EQ(shrunk->plan.events[0].kind, SimEventKind::kStallEngine);
  EXPECT_GE(shrunk->plan.events[1].frame.number, 40u);
  EXPECT_EQ(shrunk->violation.substr(0, 5), "law 9");
  EXPECT_LT(shrunk->tries, 200);
  EXPECT_EQ(shrunk->plan.ring.nic.queues, 1u);
}

TEST(Shrink, DoesNotTakeAnotherFailureForThisOne) {
  const SimPlan plan = plan_with_a_stall();
  const std::size_t all = plan.events.size();
  const Result<Shrunk> shrunk = shrink(plan, {.violation = "law 9: frame 50"}, [&](const SimPlan& tried) {
    return Result<SimOutcome>(SimOutcome{.violation = tried.events.size() < all ? "law 1: other" : ""});
  });
  ASSERT_TRUE(shrunk);
  EXPECT_EQ(shrunk->plan.events.size(), all);
}

TEST(Shrink, PassesAnErrorOn) {
  const SimPlan plan = draw_plan(1);
  const Result<Shrunk> shrunk =
      shrink(plan, {.violation = "x"}, [](const SimPlan&) -> Result<SimOutcome> { return fail("fork", 11); });
  ASSERT_FALSE(shrunk);
  EXPECT_EQ(shrunk.error().code, 11);
}

}  // namespace
}  // namespace penstock
