// A bug is planted in the engine beside this file (planted_bug.bzl): a thousand seeds must find it, and what
// the runner leaves of the first one must show it again.
#include <cstdint>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/simulate/command.h"
#include "sim/simulate/isolated.h"
#include "sim/simulate/plan_file.h"

namespace penstock {
namespace {

TEST(PlantedBug, IsFoundWithinAThousandSeedsAndLeavesASmallerPlanThatShowsIt) {
  std::string violation;
  std::uint64_t found = 0;
  const Status ran =
      run_seeds({.first = 1, .count = 1'000}, 1, [&](std::uint64_t seed, const SimOutcome& outcome) {
        if (outcome.held()) return true;
        found = seed;
        violation = outcome.violation;
        return false;
      });
  ASSERT_TRUE(ran) << ran.error().message();
  ASSERT_NE(found, 0u) << "no seed found it";
  std::printf("seed %d: %s\n", static_cast<int>(found), violation.c_str());

  const std::filesystem::path out = testing::TempDir();
  EXPECT_EQ(simulate({.seed = found, .out = out, .quiet = true}), 1);
  const std::filesystem::path file = out / fmt::format("simulate-{}.toml", found);
  const Result<SimPlan> plan = read_plan(file);
  ASSERT_TRUE(plan) << plan.error().message();
  EXPECT_LT(plan->events.size(), draw_plan(found).events.size() / 2);
  EXPECT_EQ(simulate({.replay = file}), 1);
}

}  // namespace
}  // namespace penstock
