// Which ICMP messages count.
#include "sim/scenario/port_unreachables.h"

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

constexpr Ipv4Address kHost{{192, 0, 2, 2}}, kSender{{198, 18, 0, 1}};

// The first 28 bytes of a datagram to `port`, as an ICMP error quotes them.
std::vector<std::byte> quoted(std::uint16_t port) {
  FrameBuilder builder;
  const auto frame = builder.add(EthernetHeader{})
                         .add(Ipv4Header{.source = kSender, .destination = kHost})
                         .add(UdpHeader{.source_port = 8006, .destination_port = port})
                         .build();
  return {frame.begin() + 14, frame.end()};
}

std::vector<std::byte> unreachable(std::uint16_t port, std::uint8_t type = 3, std::uint8_t code = 3) {
  std::vector<std::byte> icmp = {std::byte{type}, std::byte{code}, {}, {}, {}, {}, {}, {}};
  const auto about = quoted(port);
  icmp.insert(icmp.end(), about.begin(), about.end());
  FrameBuilder builder;
  return builder.add(EthernetHeader{})
      .add(Ipv4Header{.source = kHost, .destination = kSender, .protocol = kProtocolIcmp})
      .payload(icmp)
      .build();
}

std::uint64_t counted(const std::vector<std::byte>& frame) {
  PortUnreachables count({8003, 8004});
  count.add(frame);
  return count.count();
}

TEST(PortUnreachables, CountsThoseAboutAListedPort) {
  EXPECT_EQ(counted(unreachable(8003)), 1u);
  EXPECT_EQ(counted(unreachable(8004)), 1u);
  EXPECT_EQ(counted(unreachable(9)), 0u) << "a port that is not listed";
  EXPECT_EQ(counted(unreachable(8003, 3, 1)), 0u) << "host unreachable";
  EXPECT_EQ(counted(unreachable(8003, 0, 3)), 0u) << "another type";
}

TEST(PortUnreachables, SurvivesEveryCut) {
  const auto whole = unreachable(8003);
  for (std::size_t length = 0; length < 14 + 20 + 8 + 20 + 4; ++length)
    EXPECT_EQ(counted({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}), 0u) << length;
}

}  // namespace
}  // namespace penstock
