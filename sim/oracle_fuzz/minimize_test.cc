// Delta debugging on sets of numbers, with and without elements that need each other.
#include "sim/oracle_fuzz/minimize.h"

#include <numeric>

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::vector<int> numbers(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

bool has(const std::vector<int>& set, int number) {
  return std::find(set.begin(), set.end(), number) != set.end();
}

TEST(Minimize, FindsTheOneWhereverItStands) {
  for (const int guilty : {0, 1, 63, 64, 99}) {
    const auto found = minimize(numbers(100), 1'000, [&](const auto& set) { return has(set, guilty); });
    EXPECT_EQ(found, std::vector<int>{guilty});
  }
}

TEST(Minimize, KeepsThoseThatNeedEachOtherInTheirOrder) {
  const auto found = minimize(numbers(500), 10'000,
                              [](const auto& set) { return has(set, 3) && has(set, 250) && has(set, 499); });
  EXPECT_EQ(found, (std::vector<int>{3, 250, 499}));
}

TEST(Minimize, NeverHandsOutASetThatDoesNotFail) {
  std::size_t runs = 0;
  const auto found = minimize(numbers(500), 5, [&](const auto& set) {
    ++runs;
    return has(set, 3) && has(set, 499);
  });
  EXPECT_EQ(runs, 5u);
  EXPECT_TRUE(has(found, 3) && has(found, 499));
}

TEST(Minimize, AsksLittleForOneAmongThousands) {
  std::size_t runs = 0;
  minimize(numbers(4'096), 10'000, [&](const auto& set) {
    ++runs;
    return has(set, 4'095);
  });
  EXPECT_LE(runs, 2u * 12u);
}

TEST(LeaveOut, KeepsWhatIsNeededAlsoWhenThatTakesTwoTurns) {
  // 7 can go only when 2 has gone.
  const auto fails = [](const std::vector<int>& set) {
    return has(set, 1) && has(set, 5) && (has(set, 7) || !has(set, 2));
  };
  EXPECT_EQ(leave_out(numbers(9), fails), (std::vector<int>{1, 5}));
  EXPECT_EQ(leave_out(std::vector<int>{4}, [](const auto&) { return true; }), std::vector<int>{4});
}

}  // namespace
}  // namespace penstock
