// The hash against Microsoft's published vectors, and which bytes of a frame it is over.
#include "sim/nic_model/rss.h"

#include <array>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

std::vector<std::byte> udp(Ipv4Header ip, std::uint16_t source_port, std::uint16_t destination_port) {
  FrameBuilder builder;
  return builder.add(EthernetHeader{})
      .add(std::move(ip))
      .add(UdpHeader{.source_port = source_port, .destination_port = destination_port})
      .payload(std::array<std::byte, 64>{})
      .build();
}

struct Vector {
  Ipv4Address source, destination;
  std::uint16_t source_port, destination_port;
  std::uint32_t with_ports, without;
};

// "Verifying the RSS Hash Calculation", IPv4 table, all five rows.
const Vector kVectors[] = {
    {{{66, 9, 149, 187}}, {{161, 142, 100, 80}}, 2794, 1766, 0x51ccc178, 0x323e8fc2},
    {{{199, 92, 111, 2}}, {{65, 69, 140, 83}}, 14230, 4739, 0xc626b0ea, 0xd718262a},
    {{{24, 19, 198, 95}}, {{12, 22, 207, 184}}, 12898, 38024, 0x5c2b394a, 0xd2d0a5de},
    {{{38, 27, 205, 30}}, {{209, 142, 163, 6}}, 48228, 2217, 0xafc7327f, 0x82989176},
    {{{153, 39, 163, 191}}, {{202, 188, 127, 2}}, 44251, 1303, 0x10e828a2, 0x5d1809c5},
};

TEST(Rss, HashesAddressesAndPortsAsPublished) {
  for (const Vector& v : kVectors) {
    const Ipv4Header ip{.source = v.source, .destination = v.destination};
    EXPECT_EQ(rss_hash(udp(ip, v.source_port, v.destination_port)), v.with_ports);
  }
}

TEST(Rss, FragmentsAreHashedByTheirAddressesAlone) {
  for (const Vector& v : kVectors) {
    Ipv4Header first{.source = v.source, .destination = v.destination};
    first.more_fragments = true;
    EXPECT_EQ(rss_hash(udp(first, v.source_port, v.destination_port)), v.without);
    Ipv4Header later{.source = v.source, .destination = v.destination};
    later.fragment_offset = 100;
    EXPECT_EQ(rss_hash(udp(later, v.source_port, v.destination_port)), v.without);
  }
}

TEST(Rss, PortsStandBehindTheOptions) {
  const Vector& v = kVectors[0];
  Ipv4Header ip{.source = v.source, .destination = v.destination};
  ip.options.assign(8, std::byte{1});
  EXPECT_EQ(rss_hash(udp(ip, v.source_port, v.destination_port)), v.with_ports);
}

TEST(Rss, WhatIsNotIpv4OrCutShortIsNotHashed) {
  const std::vector<std::byte> whole = udp({.source = {{10, 0, 0, 1}}}, 1, 2);
  for (std::size_t length = 0; length < 34; ++length)
    EXPECT_EQ(rss_hash(std::span(whole).first(length)), std::nullopt) << length;
  EXPECT_NE(rss_hash(std::span(whole).first(34)), rss_hash(whole)) << "no ports: the addresses alone";
  FrameBuilder builder;
  const std::vector<std::byte> arp =
      builder.add(EthernetHeader{.ethertype = kEthertypeArp}).payload(std::array<std::byte, 28>{}).build();
  EXPECT_EQ(rss_hash(arp), std::nullopt);
  EXPECT_EQ(rss_queue(arp, 8), 0u);
}

TEST(Rss, AFlowStaysInItsQueueAndFlowsSpread) {
  std::set<std::uint32_t> used;
  for (std::uint16_t port = 0; port < 100; ++port) {
    const std::vector<std::byte> frame = udp({.source = {{10, 0, 0, 1}}}, port, 8003);
    const std::uint32_t queue = rss_queue(frame, 3);
    EXPECT_LT(queue, 3u);
    EXPECT_EQ(rss_queue(frame, 3), queue);
    EXPECT_EQ(rss_queue(frame, 1), 0u);
    used.insert(queue);
  }
  EXPECT_EQ(used.size(), 3u);
}

}  // namespace
}  // namespace penstock
