// A bug is planted in the engine beside this file (planted_bug.bzl): a thousand seeds must find it.
#include <string>

#include <gtest/gtest.h>

#include "sim/simulate/isolated.h"

namespace penstock {
namespace {

TEST(PlantedBug, IsFoundWithinAThousandSeeds) {
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
  RecordProperty("seed", static_cast<int>(found));
  std::printf("seed %d: %s\n", static_cast<int>(found), violation.c_str());
}

}  // namespace
}  // namespace penstock
