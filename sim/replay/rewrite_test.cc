// What a rewrite changes, what it keeps, and that it never reads past a frame.
#include "sim/replay/rewrite.h"

#include <set>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"
#include "engine/packet/frame_builder.h"

namespace penstock {
namespace {

constexpr std::size_t kIp = 14;
constexpr std::size_t kL4 = 34;

const Ipv4Address kOldSource{{127, 0, 0, 1}};
const Ipv4Address kOldDestination{{203, 0, 113, 9}};
const RewriteTarget kTarget{.source_mac = {{2, 0, 0, 0, 0, 1}},
                            .destination_mac = {{2, 0, 0, 0, 0, 2}},
                            .destination = {{10, 0, 0, 2}}};
const Ipv4Address kFirstSource{{198, 18, 0, 1}};

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Ipv4Header old_ip() {
  return {.source = kOldSource, .destination = kOldDestination};
}
Ipv4Header new_ip() {
  return {.source = kFirstSource, .destination = kTarget.destination};
}

const EthernetHeader kOldEthernet{.destination = {{255, 255, 255, 255, 255, 255}},
                                  .source = {{0, 0, 0, 0, 0, 0}}};
const EthernetHeader kNewEthernet{.destination = kTarget.destination_mac, .source = kTarget.source_mac};

// The frame that was captured, and the frame that a correct rewrite makes of it.
struct Pair {
  std::vector<std::byte> before;
  std::vector<std::byte> after;
};

Pair pair_of(const Header& l4, const Ipv4Header& before, const Ipv4Header& after, std::size_t padding = 0) {
  const auto build = [&](const EthernetHeader& ethernet, const Ipv4Header& ip) {
    return FrameBuilder().add(ethernet).add(ip).add(l4).payload(bytes("payload")).padding(padding).build();
  };
  return {build(kOldEthernet, before), build(kNewEthernet, after)};
}

void expect_rewrites(Pair pair) {
  EXPECT_EQ(Rewriter(kTarget).rewrite(pair.before), Rewritten::kAddresses);
  EXPECT_EQ(pair.before, pair.after);
}

const UdpHeader kUdp{.source_port = 8006, .destination_port = 8000};

TEST(Rewrite, Udp) {
  expect_rewrites(pair_of(kUdp, old_ip(), new_ip()));
}

TEST(Rewrite, UdpWithEthernetPadding) {
  expect_rewrites(pair_of(kUdp, old_ip(), new_ip(), 9));
}

TEST(Rewrite, Tcp) {
  expect_rewrites(pair_of(TcpHeader{.source_port = 9, .destination_port = 22}, old_ip(), new_ip()));
}

TEST(Rewrite, IcmpChecksumCoversNoAddresses) {
  expect_rewrites(pair_of(IcmpEchoHeader{.id = 1, .sequence = 2}, old_ip(), new_ip()));
}

TEST(Rewrite, UdpChecksumZeroStaysZero) {
  UdpHeader udp = kUdp;
  udp.checksum = ChecksumMode::kZero;
  expect_rewrites(pair_of(udp, old_ip(), new_ip()));
}

TEST(Rewrite, PartialChecksumOfALocalSenderBecomesWhole) {
  UdpHeader partial = kUdp;
  partial.checksum = ChecksumMode::kPartial;
  Pair pair = pair_of(partial, old_ip(), new_ip());
  pair.after = pair_of(kUdp, old_ip(), new_ip()).after;
  expect_rewrites(pair);
}

TEST(Rewrite, IpOptionsAreKept) {
  Ipv4Header before = old_ip();
  Ipv4Header after = new_ip();
  before.options = after.options = {std::byte{7}, std::byte{3}, std::byte{4}, std::byte{0}};
  expect_rewrites(pair_of(kUdp, before, after));
}

// The checksum of a fragmented datagram can only be corrected by the difference of the addresses.
TEST(Rewrite, FirstFragmentKeepsItsDatagramsChecksumRight) {
  Ipv4Header before = old_ip();
  Ipv4Header after = new_ip();
  before.more_fragments = after.more_fragments = true;
  UdpHeader udp = kUdp;
  udp.length = 3008;  // most of it is in later fragments, so the builder's sum stands for any
  expect_rewrites(pair_of(udp, before, after));
}

TEST(Rewrite, LaterFragmentHasNoUdpHeaderToTouch) {
  const auto build = [](const EthernetHeader& ethernet, Ipv4Header ip) {
    ip.fragment_offset = 185;
    ip.protocol = kProtocolUdp;
    return FrameBuilder().add(ethernet).add(ip).payload(bytes("looks like a UDP header")).build();
  };
  expect_rewrites({build(kOldEthernet, old_ip()), build(kNewEthernet, new_ip())});
}

TEST(Rewrite, WrongChecksumBehindALyingLengthStaysWrong) {
  Pair pair = pair_of(kUdp, old_ip(), new_ip());
  for (auto* frame : {&pair.before, &pair.after})
    store_be16(&(*frame)[kL4 + 4], 5);  // UDP length below 8
  expect_rewrites(pair);
}

TEST(Rewrite, TruncatedDatagramsAreRewrittenAsFarAsTheyGo) {
  const Pair whole = pair_of(kUdp, old_ip(), new_ip());
  for (std::size_t length = kL4; length < whole.before.size(); ++length) {
    std::vector<std::byte> frame(whole.before.begin(),
                                 whole.before.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(Rewriter(kTarget).rewrite(frame), Rewritten::kAddresses) << length;
    EXPECT_EQ(checksum_fold(checksum_sum(std::span(frame).subspan(kIp, 20))), 0xffff) << length;
  }
}

TEST(Rewrite, OtherFramesGetMacsOnly) {
  Ipv4Header version6 = old_ip();
  version6.version = 6;
  Ipv4Header short_ihl = old_ip();
  short_ihl.ihl = 4;
  Ipv4Header long_ihl = old_ip();
  long_ihl.ihl = 15;  // the header would end behind the frame
  const std::vector<std::vector<std::byte>> frames = {
      FrameBuilder().add(kOldEthernet).add(ArpHeader{}).build(),
      FrameBuilder().add(kOldEthernet).add(VlanTag{.vid = 1}).add(old_ip()).add(kUdp).build(),
      FrameBuilder().add(kOldEthernet).add(Ipv6Header{}).add(kUdp).build(),
      FrameBuilder().add(kOldEthernet).add(version6).add(kUdp).build(),
      FrameBuilder().add(kOldEthernet).add(short_ihl).add(kUdp).build(),
      FrameBuilder().add(kOldEthernet).add(long_ihl).add(kUdp).build(),
  };
  for (const std::vector<std::byte>& original : frames) {
    std::vector<std::byte> frame = original;
    EXPECT_EQ(Rewriter(kTarget).rewrite(frame), Rewritten::kMacsOnly);
    EXPECT_TRUE(std::equal(frame.begin() + 12, frame.end(), original.begin() + 12));
    EXPECT_TRUE(std::equal(frame.begin(), frame.begin() + 6,
                           std::as_bytes(std::span(kTarget.destination_mac.bytes)).begin()));
  }
}

TEST(Rewrite, ShortFramesOfEveryLength) {
  const Pair whole = pair_of(kUdp, old_ip(), new_ip());
  for (std::size_t length = 0; length < kL4; ++length) {
    std::vector<std::byte> frame(whole.before.begin(),
                                 whole.before.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(Rewriter(kTarget).rewrite(frame), length < 12 ? Rewritten::kUntouched : Rewritten::kMacsOnly)
        << length;
  }
}

Ipv4Address source_of(Rewriter& rewriter, Ipv4Address original) {
  auto frame = pair_of(kUdp, {.source = original, .destination = kOldDestination}, new_ip()).before;
  rewriter.rewrite(frame);
  Ipv4Address source;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&frame[kIp + 12]), 4, source.bytes.begin());
  return source;
}

TEST(RewriteSources, AreNumberedByFirstAppearance) {
  Rewriter rewriter(kTarget);
  EXPECT_EQ(source_of(rewriter, {{9, 9, 9, 9}}).to_string(), "198.18.0.1");
  EXPECT_EQ(source_of(rewriter, {{1, 1, 1, 1}}).to_string(), "198.18.0.2");
  EXPECT_EQ(source_of(rewriter, {{9, 9, 9, 9}}).to_string(), "198.18.0.1");
  EXPECT_EQ(rewriter.distinct_sources(), 2u);
}

TEST(RewriteSources, CanBeKept) {
  RewriteTarget target = kTarget;
  target.source_policy = SourcePolicy::kKeep;
  Rewriter rewriter(target);
  EXPECT_EQ(source_of(rewriter, {{9, 9, 9, 9}}).to_string(), "9.9.9.9");
}

TEST(RewriteSources, StayDistinctUntilTheNetworkIsFull) {
  Rewriter rewriter(kTarget);
  std::set<Ipv4Address> seen;
  for (std::uint32_t i = 0; i < Rewriter::kSourceCapacity; ++i) {
    seen.insert(source_of(rewriter, Ipv4Address::from_host(0x01000000 + i)));
  }
  EXPECT_EQ(seen.size(), Rewriter::kSourceCapacity);
  EXPECT_EQ(rewriter.reused(), 0u);
  EXPECT_EQ(seen.begin()->to_string(), "198.18.0.1");
  EXPECT_EQ(seen.rbegin()->to_string(), "198.18.255.254");
  EXPECT_EQ(source_of(rewriter, {{8, 8, 8, 8}}).to_string(), "198.18.0.1");
  EXPECT_EQ(rewriter.reused(), 1u);
}

}  // namespace
}  // namespace penstock
