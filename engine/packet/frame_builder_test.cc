// Frames against bytes assembled with Python's struct module, and every override by itself.
#include "engine/packet/frame_builder.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"

namespace penstock {
namespace {

constexpr std::size_t kIp = 14;
constexpr std::size_t kL4 = 34;

const Ipv4Address kSource = Ipv4Address::from_host(0xc6120001);       // 198.18.0.1
const Ipv4Address kDestination = Ipv4Address::from_host(0x0a000002);  // 10.0.0.2
const EthernetHeader kEthernet{.destination = {{2, 0, 0, 0, 0, 2}}, .source = {{2, 0, 0, 0, 0, 1}}};
const UdpHeader kUdp{.source_port = 8006, .destination_port = 8000};

Ipv4Header ipv4() {
  Ipv4Header header;
  header.source = kSource;
  header.destination = kDestination;
  header.id = 0x1234;
  header.dont_fragment = true;
  return header;
}

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string hex(std::span<const std::byte> frame) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : frame) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::vector<std::byte> udp_frame(const Ipv4Header& ip, const UdpHeader& udp, std::string_view payload) {
  return FrameBuilder().add(kEthernet).add(ip).add(udp).payload(bytes(payload)).build();
}

// The folded sum over UDP and its pseudo header: 0xffff when the checksum is right.
std::uint16_t udp_sum(std::span<const std::byte> frame) {
  const auto datagram = frame.subspan(kL4);
  return checksum_fold(checksum_pseudo_header(kSource, kDestination, kProtocolUdp,
                                              static_cast<std::uint32_t>(datagram.size())) +
                       checksum_sum(datagram));
}

TEST(FrameBuilder, Udp) {
  EXPECT_EQ(hex(udp_frame(ipv4(), kUdp, "shred")),
            "0200000000020200000000010800450000211234400040115883c61200010a000002"
            "1f461f40000da76a7368726564");
}

TEST(FrameBuilder, Tcp) {
  const auto frame = FrameBuilder()
                         .add(kEthernet)
                         .add(ipv4())
                         .add(TcpHeader{.source_port = 40000,
                                        .destination_port = 22,
                                        .sequence = 1,
                                        .acknowledgment = 2,
                                        .flags = TcpHeader::kPsh | TcpHeader::kAck})
                         .payload(bytes("ls"))
                         .build();
  EXPECT_EQ(hex(frame),
            "02000000000202000000000108004500002a1234400040065885c61200010a000002"
            "9c40001600000001000000025018ffffd6e800006c73");
}

TEST(FrameBuilder, IcmpEcho) {
  const auto frame = FrameBuilder()
                         .add(kEthernet)
                         .add(ipv4())
                         .add(IcmpEchoHeader{.id = 7, .sequence = 9})
                         .payload(bytes("ping!"))
                         .build();
  EXPECT_EQ(hex(frame),
            "0200000000020200000000010800450000211234400040015893c61200010a000002"
            "0800f81e0007000970696e6721");
}

TEST(FrameBuilder, ArpRequest) {
  const auto frame = FrameBuilder()
                         .add(kEthernet)
                         .add(ArpHeader{.sender_mac = kEthernet.source,
                                        .sender_address = kSource,

                                        .target_address = kDestination})
                         .padding(18)
                         .build();
  EXPECT_EQ(hex(frame),
            "0200000000020200000000010806"
            "0001080006040001020000000001c6120001"
            "0000000000000a000002" +
                std::string(36, '0'));
}

TEST(FrameBuilder, UdpChecksumModes) {
  UdpHeader udp = kUdp;
  EXPECT_EQ(udp_sum(udp_frame(ipv4(), udp, "shred")), 0xffff);
  udp.checksum = ChecksumMode::kZero;
  EXPECT_EQ(load_be16(&udp_frame(ipv4(), udp, "shred")[kL4 + 6]), 0);
  udp.checksum = ChecksumMode::kBad;
  const auto bad = udp_frame(ipv4(), udp, "shred");
  EXPECT_NE(udp_sum(bad), 0xffff);
  EXPECT_NE(load_be16(&bad[kL4 + 6]), 0);
  udp.checksum = ChecksumMode::kPartial;
  EXPECT_EQ(load_be16(&udp_frame(ipv4(), udp, "shred")[kL4 + 6]),
            checksum_fold(checksum_pseudo_header(kSource, kDestination, kProtocolUdp, 13)));
}

// This payload's sum is 0, which UDP sends as 0xffff: 0 would say "no checksum".
TEST(FrameBuilder, UdpChecksumThatComputesToZero) {
  const auto frame = udp_frame(ipv4(), kUdp, "\xf1\x3e");
  EXPECT_EQ(load_be16(&frame[kL4 + 6]), 0xffff);
  EXPECT_EQ(udp_sum(frame), 0xffff);
}

TEST(FrameBuilder, Ipv4ChecksumModes) {
  Ipv4Header ip = ipv4();
  ip.checksum = ChecksumMode::kBad;
  const auto bad = udp_frame(ip, kUdp, "");
  EXPECT_NE(checksum_fold(checksum_sum(std::span(bad).subspan(kIp, 20))), 0xffff);
  ip.checksum = ChecksumMode::kZero;
  EXPECT_EQ(load_be16(&udp_frame(ip, kUdp, "")[kIp + 10]), 0);
}

TEST(FrameBuilder, Ipv4FieldsCanBeOverridden) {
  Ipv4Header ip = ipv4();
  ip.version = 6;
  ip.ihl = 4;
  ip.tos = 0xb8;
  ip.total_length = 999;
  ip.ttl = 0;
  ip.protocol = 47;
  const auto frame = udp_frame(ip, kUdp, "x");
  EXPECT_EQ(frame[kIp], std::byte{0x64});
  EXPECT_EQ(frame[kIp + 1], std::byte{0xb8});
  EXPECT_EQ(load_be16(&frame[kIp + 2]), 999);
  EXPECT_EQ(frame[kIp + 8], std::byte{0});
  EXPECT_EQ(frame[kIp + 9], std::byte{47});
  EXPECT_EQ(checksum_fold(checksum_sum(std::span(frame).subspan(kIp, 20))), 0xffff);  // still fixed up
}

TEST(FrameBuilder, Ipv4FragmentFieldBitByBit) {
  const auto field = [](auto&& change) {
    Ipv4Header ip = ipv4();
    ip.dont_fragment = false;
    change(ip);
    return load_be16(&udp_frame(ip, kUdp, "")[kIp + 6]);
  };
  EXPECT_EQ(field([](Ipv4Header&) {}), 0);
  EXPECT_EQ(field([](Ipv4Header& ip) { ip.reserved_bit = true; }), 0x8000);
  EXPECT_EQ(field([](Ipv4Header& ip) { ip.dont_fragment = true; }), 0x4000);
  EXPECT_EQ(field([](Ipv4Header& ip) { ip.more_fragments = true; }), 0x2000);
  EXPECT_EQ(field([](Ipv4Header& ip) { ip.fragment_offset = 185; }), 185);
}

TEST(FrameBuilder, Ipv4OptionsMoveTheRestAndCountInIhl) {
  Ipv4Header ip = ipv4();
  ip.options = {std::byte{7}, std::byte{3}, std::byte{4}};  // an empty record route, padded to 4
  const auto frame = udp_frame(ip, kUdp, "shred");
  EXPECT_EQ(frame[kIp], std::byte{0x46});
  EXPECT_EQ(load_be16(&frame[kIp + 2]), 24 + 8 + 5);
  EXPECT_EQ(load_be16(&frame[kL4 + 4]), 8006);
  EXPECT_EQ(checksum_fold(checksum_sum(std::span(frame).subspan(kIp, 24))), 0xffff);
}

TEST(FrameBuilder, UdpLengthCanLie) {
  UdpHeader udp = kUdp;
  for (const std::uint16_t length : {0, 7, 12, 14, 60000}) {
    udp.length = length;
    const auto frame = udp_frame(ipv4(), udp, "shred");
    EXPECT_EQ(load_be16(&frame[kL4 + 4]), length);
    EXPECT_EQ(load_be16(&frame[kIp + 2]), 20 + 8 + 5);
  }
}

// A receiver trims to the UDP length and checks that much only.
TEST(FrameBuilder, UdpChecksumCoversWhatTheLengthSays) {
  UdpHeader udp = kUdp;
  udp.length = 10;
  const auto frame = udp_frame(ipv4(), udp, "shred");
  EXPECT_EQ(checksum_fold(checksum_pseudo_header(kSource, kDestination, kProtocolUdp, 10) +
                          checksum_sum(std::span(frame).subspan(kL4, 10))),
            0xffff);
}

TEST(FrameBuilder, PaddingIsOutsideEveryLength) {
  const auto frame =
      FrameBuilder().add(kEthernet).add(ipv4()).add(kUdp).payload(bytes("x")).padding(17).build();
  EXPECT_EQ(frame.size(), 60u);
  EXPECT_EQ(load_be16(&frame[kIp + 2]), 29);
  EXPECT_EQ(load_be16(&frame[kL4 + 4]), 9);
}

TEST(FrameBuilder, PadToReachesItsSizeAndNeverShortens) {
  FrameBuilder builder;
  builder.add(kEthernet).add(ipv4()).add(kUdp).payload(bytes("x")).padding(5);
  EXPECT_EQ(builder.pad_to(60).size(), 60u);
  EXPECT_EQ(builder.pad_to(50).size(), 60u);
}

TEST(FrameBuilder, VlanTagsChainTheirTypes) {
  const auto frame = FrameBuilder()
                         .add(kEthernet)
                         .add(VlanTag{.vid = 100, .tag_type = kEthertypeQinQ})
                         .add(VlanTag{.vid = 7, .priority = 5})
                         .add(ipv4())
                         .add(kUdp)
                         .build();
  EXPECT_EQ(hex(std::span(frame).subspan(12, 10)), "88a800648100a0070800");
  EXPECT_EQ(frame.size(), 50u);
}

TEST(FrameBuilder, EthertypeCanBeOverridden) {
  EthernetHeader ethernet = kEthernet;
  ethernet.ethertype = 0x1234;
  const auto frame = FrameBuilder().add(ethernet).add(ipv4()).build();
  EXPECT_EQ(load_be16(&frame[12]), 0x1234);
}

TEST(FrameBuilder, GreInIpv4AnnouncesItselfAndWhatItCarries) {
  const auto frame = FrameBuilder().add(kEthernet).add(ipv4()).add(GreHeader{}).add(ipv4()).add(kUdp).build();
  EXPECT_EQ(frame[kIp + 9], std::byte{47});
  EXPECT_EQ(hex(std::span(frame).subspan(kL4, 5)), "0000080045");
  const auto keyed = FrameBuilder().add(kEthernet).add(ipv4()).add(GreHeader{.key = 5}).build();
  EXPECT_EQ(hex(std::span(keyed).subspan(kL4)), "2000000000000005");
}

TEST(FrameBuilder, UdpOverIpv6HasTheLongPseudoHeader) {
  Ipv6Header ip;
  ip.source[15] = 1;
  ip.destination[15] = 2;
  const auto frame = FrameBuilder().add(kEthernet).add(ip).add(kUdp).payload(bytes("shred")).build();
  EXPECT_EQ(load_be16(&frame[12]), kEthertypeIpv6);
  EXPECT_EQ(hex(std::span(frame).subspan(14, 8)), "60000000000d1140");
  EXPECT_EQ(checksum_fold(1 + 2 + 17 + 13 + checksum_sum(std::span(frame).subspan(54))), 0xffff);
}

// A later fragment: no UDP header, only bytes and the protocol number.
TEST(FrameBuilder, PayloadDirectlyInIpv4) {
  Ipv4Header ip = ipv4();
  ip.protocol = kProtocolUdp;
  ip.fragment_offset = 185;
  const auto frame = FrameBuilder().add(kEthernet).add(ip).payload(bytes("rest")).build();
  EXPECT_EQ(frame.size(), kL4 + 4);
  EXPECT_EQ(frame[kIp + 9], std::byte{17});
}

TEST(FrameBuilderDeathTest, NeedsExactlyItsSize) {
  std::vector<std::byte> small(10);
  EXPECT_DEATH(FrameBuilder().add(kEthernet).write(small), "CHECK");
}

TEST(FrameBuilderDeathTest, UdpChecksumNeedsAnIpHeaderAround) {
  EXPECT_DEATH(FrameBuilder().add(kEthernet).add(kUdp).build(), "CHECK");
}

}  // namespace
}  // namespace penstock
