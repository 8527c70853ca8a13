// Filters by name, tag and size; names of folders.
#include "sim/commands/choice.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

bool chosen(std::vector<std::string> filters) {
  Scenario scenario;
  scenario.name = "rate_mainnet_10x[queues=4]";
  scenario.tags = {"rate", "shreds"};
  scenario.size = ScenarioSize::kMedium;
  return chosen_by(filters, scenario);
}

TEST(Choice, IsByNameTagAndSizeAllOfThem) {
  EXPECT_TRUE(chosen({}));
  EXPECT_TRUE(chosen({"mainnet"}));
  EXPECT_TRUE(chosen({"rate_mainnet_10x[queues=4]"})) << "as the result names it";
  EXPECT_FALSE(chosen({"rate_mainnet_10x[queues=1]"}));
  EXPECT_TRUE(chosen({"tag:rate"}));
  EXPECT_FALSE(chosen({"tag:rat"})) << "a tag is whole";
  EXPECT_TRUE(chosen({"size:medium"}));
  EXPECT_FALSE(chosen({"size:small"}));
  EXPECT_TRUE(chosen({"tag:rate", "tag:shreds", "10x"}));
  EXPECT_FALSE(chosen({"tag:rate", "100x"}));
  EXPECT_TRUE(chosen({"rate_*"}));
  EXPECT_TRUE(chosen({"*queues=4]"}));
  EXPECT_FALSE(chosen({"mainnet*"})) << "a pattern is of the whole name";
}

TEST(Matches, StarsStandForAnything) {
  EXPECT_TRUE(matches("a*c", "abbc"));
  EXPECT_TRUE(matches("a*c", "ac"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*b*", "abc"));
  EXPECT_TRUE(matches("a*bc*bd", "abcbcbd"));
  EXPECT_FALSE(matches("a*c", "abcd"));
  EXPECT_FALSE(matches("a", "ab"));
  EXPECT_FALSE(matches("a*a", "a")) << "one letter is not two";
}

TEST(FolderName, HasNothingThatAShellWouldRead) {
  EXPECT_EQ(folder_name("first_light"), "first_light");
  EXPECT_EQ(folder_name("s[run=kernel_filter+udp,queues=4]"), "s-run-kernel_filter-udp-queues-4");
  EXPECT_EQ(folder_name("replay of x.pcap"), "replay-of-x.pcap");
}

}  // namespace
}  // namespace penstock
