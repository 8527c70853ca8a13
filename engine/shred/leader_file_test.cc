// Leader schedules as text: what is read, what is refused and where.
#include "engine/shred/leader_file.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "engine/shred/base58.h"
#include "engine/shred/live_leaders.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

PublicKey key(unsigned number) {
  return public_key_of(testing::test_leader(number));
}
std::string text(unsigned number) {
  return to_base58(key(number));
}

TEST(LeaderFile, SlotsAndRanges) {
  const auto schedule = parse_leader_schedule("# two leaders\n\n  10-13 " + text(1) + "\n14\t" + text(2) +
                                              "  # one slot\r\n20 " + text(1));
  ASSERT_TRUE(schedule) << schedule.error().message();
  EXPECT_EQ(schedule->leader(9), std::nullopt);
  EXPECT_EQ(schedule->leader(10), key(1));
  EXPECT_EQ(schedule->leader(13), key(1));
  EXPECT_EQ(schedule->leader(14), key(2));
  EXPECT_EQ(schedule->leader(15), std::nullopt);
  EXPECT_EQ(schedule->leader(20), key(1));
  EXPECT_EQ(schedule->leader(10), key(1));  // back again
  EXPECT_EQ(schedule->leader(~0ull), std::nullopt);
}

TEST(LeaderFile, NeighbouringSlotsOfOneLeaderAreOneRange) {
  std::string lines;
  for (int slot = 0; slot < 400; ++slot)
    lines += std::to_string(slot) + "  " + text(slot / 4 % 2 == 0 ? 1 : 2) + "\n";
  const auto schedule = parse_leader_schedule(lines);
  ASSERT_TRUE(schedule);
  EXPECT_EQ(schedule->ranges(), 100u);
  for (std::uint64_t slot = 0; slot < 400; ++slot)
    EXPECT_EQ(schedule->leader(slot), key(slot / 4 % 2 == 0 ? 1 : 2));
}

TEST(LiveLeaders, AreReplacedAndSayWhetherTheyDiffer) {
  LiveLeaders leaders(*parse_leader_schedule("10-13 " + text(1)));
  EXPECT_EQ(leaders.leader(10), key(1));
  EXPECT_FALSE(leaders.replace(*parse_leader_schedule("10-13 " + text(1) + " # again")));
  EXPECT_TRUE(leaders.replace(*parse_leader_schedule("10-12 " + text(2))));
  EXPECT_EQ(leaders.leader(10), key(2));
  EXPECT_EQ(leaders.leader(13), std::nullopt);
}

struct Bad {
  std::string text;
  std::string error;
};

TEST(LeaderFile, MistakesAreNamedWithTheirLine) {
  for (const Bad& bad : {Bad{"", "no slots"},
                         {"# nothing\n", "no slots"},
                         {"10 " + text(1) + "\n10 " + text(2), "2: slot 10 is not above"},
                         {"10-12 " + text(1) + "\n11 " + text(2), "2: slot 11 is not above"},
                         {"13-12 " + text(1), "1: '13-12' is neither"},
                         {"x " + text(1), "1: 'x' is neither"},
                         {"1-2-3 " + text(1), "1: '1-2-3' is neither"},
                         {"18446744073709551616 " + text(1), "1: '18446744073709551616' is neither"},
                         {"5", "1: a slot or FIRST-LAST, a blank, and a key"},
                         {"\n5 " + text(1).substr(1, 20), "2: "},
                         {"5 " + text(1) + " more", "1: "}}) {
    const auto schedule = parse_leader_schedule(bad.text);
    ASSERT_FALSE(schedule) << bad.text;
    EXPECT_NE(schedule.error().message().find(bad.error), std::string::npos) << schedule.error().message();
  }
}

TEST(LeaderFile, IsReadFromAFile) {
  const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) / "leaders";
  std::ofstream(path) << "7 " << text(3) << "\n";
  const auto schedule = read_leader_schedule(path);
  ASSERT_TRUE(schedule) << schedule.error().message();
  EXPECT_EQ(schedule->leader(7), key(3));
  EXPECT_FALSE(read_leader_schedule(path / "absent"));
}

}  // namespace
}  // namespace penstock
