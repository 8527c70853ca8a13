// Which frames are IPv4's, and which names become which terms.
#include "sim/scenario/stack_counts.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

std::vector<std::byte> frame(std::vector<VlanTag> tags, std::uint16_t ethertype) {
  FrameBuilder builder;
  builder.add(EthernetHeader{.ethertype = tags.empty() ? ethertype : std::uint16_t{tags.front().tag_type}});
  for (std::size_t i = 0; i < tags.size(); ++i) {
    tags[i].ethertype = i + 1 < tags.size() ? tags[i + 1].tag_type : ethertype;
    builder.add(tags[i]);
  }
  return builder.payload(std::array<std::byte, 46>{}).build();
}

TEST(StackCounts, Ipv4IsFoundBehindPriorityTagsOnly) {
  EXPECT_TRUE(is_for_ipv4(frame({}, kEthertypeIpv4)));
  EXPECT_FALSE(is_for_ipv4(frame({}, kEthertypeArp)));
  EXPECT_FALSE(is_for_ipv4(frame({}, kEthertypeIpv6)));
  EXPECT_TRUE(is_for_ipv4(frame({{.vid = 0}}, kEthertypeIpv4)));
  EXPECT_TRUE(is_for_ipv4(frame({{.vid = 0, .priority = 5}, {.vid = 0}}, kEthertypeIpv4)));
  EXPECT_FALSE(is_for_ipv4(frame({{.vid = 7}}, kEthertypeIpv4)));
  EXPECT_FALSE(is_for_ipv4(frame({{.vid = 0}}, kEthertypeArp)));
  const std::vector<std::byte> whole = frame({{.vid = 0}}, kEthertypeIpv4);
  for (std::size_t length = 0; length < 18; ++length)
    EXPECT_FALSE(is_for_ipv4(std::span(whole).first(length))) << length;
}

TEST(StackCounts, AreWhatGrew) {
  const KernelCounters before = {{"Udp:NoPorts", 3}, {"Udp:InErrors", 1}, {"Udp:InCsumErrors", 1}};
  const KernelCounters after = {{"Udp:NoPorts", 10},
                                {"Udp:InErrors", 8},
                                {"Udp:InCsumErrors", 3},
                                {"Tcp:InSegs", 4},
                                {"Udp:RcvbufErrors", 2}};
  const StackCounts counts = stack_counts(before, after, 6);
  EXPECT_EQ(counts.no_port, 7u);
  EXPECT_EQ(counts.udp_checksum, 2u);
  EXPECT_EQ(counts.buffer_full, 2u);
  EXPECT_EQ(counts.udp_malformed, 3u);
  EXPECT_EQ(counts.tcp, 4u);
  EXPECT_EQ(counts.other_host, 6u);
}

}  // namespace
}  // namespace penstock
