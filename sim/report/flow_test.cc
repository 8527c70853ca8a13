// Where frames went: which nodes and links a path's numbers make, and how they are drawn.
#include "sim/report/flow.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "sim/report/flow_svg.h"

namespace penstock {
namespace {

PathResult some_path() {
  PathResult path;
  path.path = "kernel_filter";
  path.offered = 1000;
  path.delivered = 740;
  path.slow_way = 10;
  path.passed = {{"fragment", 30}, {"port", 200}, {"ethertype", 0}};
  path.lost = {{"rx_dropped", 40}};
  path.shreds = ShredCounts{.accepted = 700, .duplicate = 25, .held = 5, .discarded = {{"version", 10}}};
  return path;
}

const FlowNode* node_of(const Flow& flow, const std::string& name) {
  const auto found =
      std::find_if(flow.nodes.begin(), flow.nodes.end(), [&](const FlowNode& n) { return n.name == name; });
  return found == flow.nodes.end() ? nullptr : &*found;
}

// "offered>taken 730", in the flow's order; the slow way with '~'.
std::string links_of(const Flow& flow) {
  std::string text;
  for (const FlowLink& link : flow.links) {
    text += (text.empty() ? "" : ", ") + flow.nodes[link.from].name + (link.slow_way ? "~" : ">") +
            flow.nodes[link.to].name + " " + std::to_string(link.count);
  }
  return text;
}

TEST(Flow, FollowsEveryFrameFromOfferedToItsEnd) {
  EXPECT_EQ(links_of(flow_of(some_path())),
            "offered>taken 730, taken>delivered 730, "
            "offered>passed 230, passed~delivered 10, passed>port 200, passed>fragment 30, "
            "offered>lost 40, lost>rx_dropped 40, "
            "delivered>accepted 700, delivered>duplicate 25, delivered>held 5, "
            "delivered>discarded: version 10");
}

TEST(Flow, WhatIsOfferedIsTakenPassedOrLost) {
  const Flow flow = flow_of(some_path());
  std::uint64_t judged = 0;
  for (const FlowNode& node : flow.nodes) {
    if (node.column == 1) judged += node.count;
  }
  EXPECT_EQ(judged, 1000u);
}

TEST(Flow, NodesAreInDrawingOrderAndLinksPointRight) {
  const Flow flow = flow_of(some_path());
  EXPECT_TRUE(std::is_sorted(flow.nodes.begin(), flow.nodes.end(),
                             [](const FlowNode& a, const FlowNode& b) { return a.column < b.column; }));
  for (const FlowLink& link : flow.links)
    EXPECT_LT(flow.nodes[link.from].column, flow.nodes[link.to].column);
  EXPECT_EQ(node_of(flow, "lost")->tone, FlowTone::kBad);
  EXPECT_EQ(node_of(flow, "late"), nullptr) << "a count of 0 is no node";
}

TEST(Flow, OfNothingIsTwoNodes) {
  const Flow flow = flow_of(PathResult{});
  EXPECT_EQ(flow.nodes.size(), 2u);
  EXPECT_TRUE(flow.links.empty());
}

TEST(Flow, ACountThatCannotBeDoesNotUnderflow) {
  PathResult path;
  path.delivered = 1;
  path.slow_way = 2;
  EXPECT_EQ(node_of(flow_of(path), "taken"), nullptr);
}

std::size_t count_in(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

TEST(FlowSvg, DrawsEachNodeAndLinkOnceWithItsNumber) {
  const Flow flow = flow_of(some_path());
  const std::string svg = flow_svg(flow, "a <title>");
  EXPECT_EQ(count_in(svg, "<rect "), flow.nodes.size());
  EXPECT_EQ(count_in(svg, "<path "), flow.links.size());
  EXPECT_NE(svg.find("<title>a &lt;title&gt;</title>"), std::string::npos);
  EXPECT_NE(svg.find("<title>passed to delivered: 10, the slow way</title>"), std::string::npos);
  EXPECT_NE(svg.find("discarded: version <tspan class=\"n\">10</tspan>"), std::string::npos);
}

TEST(FlowSvg, ShowsOneFrameOfAMillion) {
  PathResult path;
  path.offered = 1'000'000;
  path.delivered = 999'999;
  path.lost = {{"rx_dropped", 1}};
  EXPECT_EQ(count_in(flow_svg(flow_of(path), "t"),
                     "class=\"bad\" x=\"230.0\" y=\"163.0\" width=\"10\" height=\"2.0\""),
            1u);
}

}  // namespace
}  // namespace penstock
