// What once failed passes: the seeds of past_failures.txt and the plans in past/.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "sim/simulate/plan_file.h"
#include "sim/simulate/run.h"

namespace penstock {
namespace {

constexpr const char* kFolder = "sim/simulate";

TEST(PastFailures, EverySeedPasses) {
  std::ifstream list(std::string(kFolder) + "/past_failures.txt");
  int seeds = 0;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::uint64_t seed = 0;
    ASSERT_TRUE(words >> seed) << line;
    EXPECT_EQ(run_plan(draw_plan(seed)).violation, "") << line;
    ++seeds;
  }
  EXPECT_GE(seeds, 7);
}

TEST(PastFailures, EveryPlanPasses) {
  int plans = 0;
  for (const auto& file : std::filesystem::directory_iterator(std::string(kFolder) + "/past")) {
    const Result<SimPlan> plan = read_plan(file.path());
    ASSERT_TRUE(plan) << plan.error().message();
    EXPECT_EQ(run_plan(*plan).violation, "") << file.path();
    ++plans;
  }
  EXPECT_GE(plans, 1);
}

}  // namespace
}  // namespace penstock
