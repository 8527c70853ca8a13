// Every host is reached once, stake decides who is near the root, and the positions are Agave's.
#include "sim/turbine/turbine_tree.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr PublicKey kLeader{std::byte{1}};

Cluster cluster_of(const std::vector<std::uint64_t>& stakes) {
  Cluster cluster;
  for (std::size_t i = 0; i < stakes.size(); ++i)
    cluster.push_back({"n" + std::to_string(i), Ipv4Address::from_host(0x0a000001 + i), stakes[i]});
  return cluster;
}

ShredHeader shred(std::uint32_t index, std::uint64_t slot = 7, std::uint8_t variant = kDataVariant) {
  ShredHeader header;
  header.slot = slot;
  header.index = index;
  header.variant = variant;
  return header;
}

// Positions below a position, by asking for the nodes.
std::vector<std::size_t> below(TurbineTree& tree, std::size_t position) {
  const auto of = tree.order(shred(1));
  const std::vector<std::size_t> nodes(of.begin(), of.end());
  std::vector<std::size_t> result;
  for (const std::size_t child : tree.children(nodes[position], shred(1)))
    result.push_back(std::find(nodes.begin(), nodes.end(), child) - nodes.begin());
  return result;
}

// The table that Agave has in test_get_retransmit_nodes, its first lines, for a fan-out of 2:
// root 0; 1 2; 3 4, 5 6; 7 8, 9 10, 11 12, 13 14, where 1 sends to 3 and 5, 2 to 4 and 6, 3 to 7 and 9.
TEST(TurbineTree, PositionsAreThoseOfAgave) {
  TurbineTree tree(cluster_of(std::vector<std::uint64_t>(15, 1)), kLeader, 2);
  const std::vector<std::vector<std::size_t>> wanted = {{1, 2},  {3, 5},   {4, 6},  {7, 9},
                                                        {8, 10}, {11, 13}, {12, 14}};
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_EQ(below(tree, i), wanted[i]) << "position " << i;
  for (std::size_t i = wanted.size(); i < 15; ++i)
    EXPECT_TRUE(below(tree, i).empty()) << "position " << i;
}

TEST(TurbineTree, EveryNodeHasOneParent) {
  for (const std::size_t fanout : {1, 2, 3, 7, 200}) {
    const Cluster cluster = cluster_of({5, 0, 3, 9, 0, 0, 1, 1, 4});
    TurbineTree tree(cluster, kLeader, fanout);
    for (std::uint32_t index = 0; index < 50; ++index) {
      std::multiset<std::size_t> reached = {tree.root(shred(index))};
      for (std::size_t node = 0; node < cluster.size(); ++node) {
        for (const std::size_t child : tree.children(node, shred(index)))
          reached.insert(child);
      }
      EXPECT_EQ(reached, (std::multiset<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8})) << "fan-out " << fanout;
    }
  }
}

TEST(TurbineTree, NodesWithoutStakeComeLast) {
  TurbineTree tree(cluster_of({0, 1, 0, 1'000'000, 0}), kLeader, 2);
  std::set<std::size_t> last;
  for (std::uint32_t index = 0; index < 50; ++index) {
    const auto order = tree.order(shred(index));
    EXPECT_GE((std::set<std::size_t>{order[0], order[1]}), (std::set<std::size_t>{1, 3}));
    last.insert(order[4]);
  }
  EXPECT_EQ(last, (std::set<std::size_t>{0, 2, 4})) << "and in any order among themselves";
}

TEST(TurbineTree, StakeSaysHowOftenANodeIsTheRoot) {
  TurbineTree tree(cluster_of({600, 300, 100}), kLeader, 2);
  std::vector<int> roots(3);
  for (std::uint32_t index = 0; index < 10'000; ++index)
    ++roots[tree.root(shred(index))];
  EXPECT_NEAR(roots[0], 6'000, 200);  // four standard deviations
  EXPECT_NEAR(roots[1], 3'000, 200);
  EXPECT_NEAR(roots[2], 1'000, 200);
}

TEST(TurbineTree, TheShredAndTheLeaderDecide) {
  const Cluster cluster = cluster_of(std::vector<std::uint64_t>(40, 1));
  TurbineTree tree(cluster, kLeader, 2);
  TurbineTree again(cluster, kLeader, 2);
  TurbineTree other(cluster, PublicKey{std::byte{2}}, 2);
  const auto order = [](TurbineTree& of, const ShredHeader& header) {
    const auto nodes = of.order(header);
    return std::vector<std::size_t>(nodes.begin(), nodes.end());
  };
  const std::vector<std::size_t> first = order(tree, shred(1));
  EXPECT_EQ(order(again, shred(1)), first);
  EXPECT_NE(order(other, shred(1)), first);
  EXPECT_NE(order(tree, shred(2)), first);
  EXPECT_NE(order(tree, shred(1, 8)), first);
  EXPECT_NE(order(tree, shred(1, 7, kCodeVariant)), first);
}

}  // namespace
}  // namespace penstock
