// Lines that are nodes, and lines that are not.
#include "sim/turbine/cluster.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::string error_of(const std::string& text) {
  const Result<Cluster> cluster = parse_cluster(text, "nodes");
  return cluster ? "none" : cluster.error().message();
}

TEST(Cluster, HasANodeALine) {
  const Result<Cluster> cluster = parse_cluster(
      "# name address stake\n"
      "relay1 10.0.0.1 900\n"
      "\n"
      "  rx1\t10.0.0.4 0   # listens only",
      "nodes");
  ASSERT_TRUE(cluster) << cluster.error().message();
  EXPECT_EQ(*cluster, (Cluster{{"relay1", Ipv4Address::from_host(0x0a000001), 900},
                               {"rx1", Ipv4Address::from_host(0x0a000004), 0}}));
  EXPECT_EQ(find_node(*cluster, "rx1").value(), 1u);
  EXPECT_FALSE(find_node(*cluster, "rx"));
}

TEST(Cluster, MistakesAreNamedWithTheirLine) {
  EXPECT_NE(error_of("a 10.0.0.1 1\nb 10.0.0.2\n").find("nodes:2: 2 words"), std::string::npos);
  EXPECT_NE(error_of("a 10.0.0 1\n").find("nodes:1"), std::string::npos);
  for (const char* stake : {"-1", "1x", "9007199254740993", ""})
    EXPECT_NE(error_of(std::string("a 10.0.0.1 ") + stake), "none") << stake;
  EXPECT_NE(error_of("a 10.0.0.1 1\na 10.0.0.2 1\n").find("second node 'a'"), std::string::npos);
  EXPECT_NE(error_of("a 10.0.0.1 1\nb 10.0.0.1 1\n").find("second node at 10.0.0.1"), std::string::npos);
  EXPECT_NE(error_of("# nobody\n").find("no node"), std::string::npos);
}

TEST(Cluster, AFileThatIsNotThereIsAnError) {
  EXPECT_NE(read_cluster("/nowhere").error().message().find("ENOENT"), std::string::npos);
}

}  // namespace
}  // namespace penstock
