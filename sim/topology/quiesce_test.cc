// Two equal snapshots, or an error.
#include "sim/topology/quiesce.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Quiesce, ReturnsTheFirstSnapshotThatRepeats) {
  int calls = 0;
  const auto quiet =
      wait_for_quiesce([&]() -> Result<int> { return ++calls < 5 ? calls : 5; }, kSecond * 60, 0);
  ASSERT_TRUE(quiet);
  EXPECT_EQ(*quiet, 5);
  EXPECT_EQ(calls, 6);
}

TEST(Quiesce, GivesUpWhileCountersMove) {
  int calls = 0;
  const auto quiet = wait_for_quiesce([&]() -> Result<int> { return ++calls; }, 0, 0);
  ASSERT_FALSE(quiet);
  EXPECT_EQ(quiet.error().code, ETIMEDOUT);
}

TEST(Quiesce, PassesAReadErrorOn) {
  int calls = 0;
  const auto read = [&]() -> Result<int> { return ++calls < 3 ? Result<int>(calls) : fail("gone", ENODEV); };
  const auto quiet = wait_for_quiesce(read, kSecond * 60, 0);
  ASSERT_FALSE(quiet);
  EXPECT_EQ(quiet.error().code, ENODEV);
}

}  // namespace
}  // namespace penstock
