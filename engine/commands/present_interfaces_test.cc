// Names that are there and names that are not, and what an engine without them is started with.
#include "engine/commands/present_interfaces.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

using Names = std::vector<std::string>;

RunConfig three() {
  RunConfig config;
  config.interface = "a";
  config.further_interfaces = {"b", "c"};
  config.net_tiles = 2;
  config.net_cpus = {5, 6, 7};
  return config;
}

TEST(PresentInterfaces, AreAskedOfTheKernel) {
  RunConfig config;
  config.interface = "lo";
  EXPECT_EQ(missing_interfaces(config), Names());
  config.further_interfaces = {"no_such_one", "nor_this"};
  EXPECT_EQ(missing_interfaces(config), (Names{"no_such_one", "nor_this"}));
}

TEST(PresentInterfaces, WithoutAFurtherOneTheOthersKeepTheirCpus) {
  const auto rest = without(three(), Names{"b"});
  ASSERT_TRUE(rest);
  EXPECT_EQ(interfaces_of(*rest), (Names{"a", "c"}));
  EXPECT_EQ(rest->net_tiles, 2u);
  EXPECT_EQ(rest->net_cpus, (std::vector<int>{5, 6, -1}));
}

TEST(PresentInterfaces, WithoutTheFirstTheNextTakesItsPlace) {
  const auto rest = without(three(), Names{"a"});
  ASSERT_TRUE(rest);
  EXPECT_EQ(interfaces_of(*rest), (Names{"b", "c"}));
  EXPECT_EQ(rest->net_tiles, 1u);
  EXPECT_EQ(rest->net_cpus, (std::vector<int>{7, -1}));
}

TEST(PresentInterfaces, WithoutAnyThereIsNothingToStart) {
  EXPECT_FALSE(without(three(), Names{"a", "b", "c"}));
}

}  // namespace
}  // namespace penstock
