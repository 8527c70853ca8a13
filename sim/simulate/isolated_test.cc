// Children that run plans: the same outcomes as in this process, and what becomes of one that dies.
#include "sim/simulate/isolated.h"

#include <map>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Isolated, GivesTheOutcomesOfThisProcess) {
  std::map<std::uint64_t, SimOutcome> outcomes;
  ASSERT_TRUE(run_seeds({.first = 10, .count = 25}, 3, [&](std::uint64_t seed, const SimOutcome& outcome) {
    outcomes[seed] = outcome;
    return true;
  }));
  ASSERT_EQ(outcomes.size(), 25u);
  for (const auto& [seed, outcome] : outcomes) {
    EXPECT_EQ(outcome, run_plan(draw_plan(seed))) << "seed " << seed;
    EXPECT_EQ(outcome, *run_isolated(draw_plan(seed))) << "seed " << seed;
  }
}

TEST(Isolated, StopsWhenAskedTo) {
  int seen = 0;
  ASSERT_TRUE(run_seeds({.first = 1, .count = 1'000'000}, 2,
                        [&](std::uint64_t, const SimOutcome&) { return ++seen < 5; }));
  EXPECT_EQ(seen, 5);
}

TEST(Isolated, ACheckThatFailsIsTheViolationOfThatRun) {
  SimPlan plan = draw_plan(1);
  plan.ring.nic.device_ring = 0;  // NicModel CHECKs it
  const Result<SimOutcome> outcome = run_isolated(plan);
  ASSERT_TRUE(outcome) << outcome.error().message();
  EXPECT_NE(outcome->violation.find("the engine ended its process"), std::string::npos) << outcome->violation;
  EXPECT_NE(outcome->violation.find("CHECK(config.queues > 0"), std::string::npos) << outcome->violation;
}

}  // namespace
}  // namespace penstock
