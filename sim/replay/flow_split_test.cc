// Frames of a flow stay together, and flows are on both interfaces.
#include "sim/replay/flow_split.h"

#include <array>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

std::vector<std::byte> datagram(std::uint8_t source, std::uint16_t port) {
  return FrameBuilder()
      .add(EthernetHeader{})
      .add(Ipv4Header{.source = {{198, 18, 0, source}}, .destination = {{192, 0, 2, 2}}})
      .add(UdpHeader{.source_port = port, .destination_port = 8003})
      .payload(std::vector<std::byte>(port))
      .build();
}

TEST(FlowSplit, GoesByTheSourceAndNothingElse) {
  std::array<int, 2> sources{};
  for (std::uint8_t source = 0; source < 100; ++source) {
    const bool second = takes_second(datagram(source, 1));
    ++sources[second];
    for (const std::uint16_t port : {2, 3, 4})
      EXPECT_EQ(takes_second(datagram(source, port)), second);
  }
  EXPECT_EQ(sources, (std::array{50, 50}));
}

TEST(FlowSplit, WhatIsNotIpv4GoesByTheFirst) {
  for (std::uint8_t source = 0; source < 2; ++source) {
    std::vector<std::byte> frame = datagram(source, 1);
    EXPECT_FALSE(takes_second(std::span(frame).first(29))) << "no source";
    frame[13] = std::byte{6};
    EXPECT_FALSE(takes_second(frame));
  }
}

}  // namespace
}  // namespace penstock
