// The simulator itself: equal seeds are equal runs, seeds differ, and many of them pass.
#include "sim/simulate/run.h"

#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Simulate, OneSeedIsOneRun) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    EXPECT_EQ(run_plan(draw_plan(seed)), run_plan(draw_plan(seed))) << "seed " << seed;
}

TEST(Simulate, SeedsDiffer) {
  std::set<std::uint64_t> digests;
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
    digests.insert(run_plan(draw_plan(seed)).digest);
  EXPECT_EQ(digests.size(), 200u);
}

TEST(Simulate, EveryLawHolds) {
  SimOutcome total;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const SimOutcome outcome = run_plan(draw_plan(seed));
    EXPECT_EQ(outcome.violation, "") << "seed " << seed;
    EXPECT_EQ(outcome.arrived, outcome.delivered + outcome.host + outcome.lost) << "seed " << seed;
    total.delivered += outcome.delivered;
    total.host += outcome.host;
    total.lost += outcome.lost;
  }
  // The mix has something of everything.
  EXPECT_GT(total.delivered, 40'000u);
  EXPECT_GT(total.host, 50'000u);
  EXPECT_GT(total.lost, 10'000u);
}

}  // namespace
}  // namespace penstock
