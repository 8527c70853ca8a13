// Proof 1 for the options: every value of the fields of tags, of IPv6 and of the UDP checksum, and every
// combination of the policy's flags: the XDP program = C++ = what this test expects. Needs root.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/option_rows.h"
#include "engine/classify/testing/plain_model.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/frame_builder.h"
#include "engine/xdp/testing/agreement.h"

namespace penstock {
namespace {

constexpr std::size_t kPayload = 100;
constexpr std::size_t kIp = 14, kTagged = 18, kUdp6 = 54;
constexpr std::uint32_t kAll16 = 65'536;

using Frame = std::vector<std::byte>;

Frame tagged(int tags) {
  Frame frame = taken_frame(kPayload);
  const std::byte tag[] = {std::byte{0x81}, std::byte{0}, std::byte{0}, std::byte{0}};
  for (int i = 0; i < tags; ++i)
    frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
  return frame;
}

Frame ipv6(std::size_t payload) {
  const Frame bytes(payload, std::byte{0x42});
  return FrameBuilder()
      .add(EthernetHeader{.destination = *option_classifier().mac, .source = {{2, 0, 0, 0, 0, 1}}})
      .add(Ipv6Header{.source = {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
                      .destination = option_classifier().ipv6_addresses[0].bytes})
      .add(UdpHeader{.source_port = 8006, .destination_port = 8003})
      .payload(bytes)
      .build();
}

ClassifierConfig without_verification() {
  ClassifierConfig config = option_classifier();
  config.verify_udp_checksum = false;
  return config;
}

class ExhaustiveOptions : public testing::Test {
 protected:
  template <typename Expect>
  void for_all_words(Frame frame, std::size_t at, Expect expected) {
    for (std::uint32_t value = 0; value < kAll16; ++value) {
      store_be16(&frame[at], static_cast<std::uint16_t>(value));
      judges_.expect(frame, expected(value), value);
    }
  }
  template <typename Expect>
  void for_all_bytes(Frame frame, std::size_t at, Expect expected) {
    for (std::uint32_t value = 0; value < 256; ++value) {
      frame[at] = static_cast<std::byte>(value);
      judges_.expect(frame, expected(value), value);
    }
  }

  Agreement judges_{without_verification()};
  const Expected taken6_ = taken(62, kPayload);
};

TEST_F(ExhaustiveOptions, TagControlInformation) {
  for_all_words(tagged(1), kIp, [](std::uint32_t tci) {
    return tci % 4096 == 0 ? taken(46, kPayload) : Expected{PENSTOCK_VLAN};
  });
  for_all_words(tagged(2), kTagged, [](std::uint32_t tci) {
    return tci % 4096 == 0 ? taken(50, kPayload) : Expected{PENSTOCK_VLAN};
  });
}

TEST_F(ExhaustiveOptions, EthertypesBehindATag) {
  // A tag behind the tag begins with IPv4's 0x4500: VID 0x500. IPv6 there begins with 4.
  for_all_words(tagged(1), kIp + 2, [](std::uint32_t type) {
    if (type == 0x0800) return taken(46, kPayload);
    if (type == 0x8100 || type == 0x88a8) return Expected{PENSTOCK_VLAN};
    return Expected{type == 0x86dd ? PENSTOCK_IP_VERSION : PENSTOCK_ETHERTYPE};
  });
}

TEST_F(ExhaustiveOptions, TruncationsBehindTags) {
  for (const std::size_t tags : {1u, 2u}) {
    const Frame whole = tagged(static_cast<int>(tags));
    const std::size_t ip = kIp + 4 * tags;
    for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
      const Expected cut{bytes < ip + 20 ? PENSTOCK_SHORT_FRAME : PENSTOCK_IP_LENGTH};
      judges_.expect(std::span(whole).first(bytes), bytes == whole.size() ? taken(ip + 28, kPayload) : cut,
                     bytes);
    }
  }
  // A third tag is one too many, however little of it is there.
  const Frame three = tagged(3);
  for (std::size_t bytes = 0; bytes <= three.size(); ++bytes) {
    judges_.expect(std::span(three).first(bytes), {bytes < 22 ? PENSTOCK_SHORT_FRAME : PENSTOCK_VLAN}, bytes);
  }
}

TEST_F(ExhaustiveOptions, Ipv6DestinationPorts) {
  for_all_words(ipv6(kPayload), kUdp6 + 2, [&](std::uint32_t port) {
    return port == 8003 || port == 8701 ? taken6_ : Expected{PENSTOCK_PORT};
  });
}

TEST_F(ExhaustiveOptions, Ipv6NextHeaders) {
  for_all_bytes(ipv6(kPayload), kIp + 6, [&](std::uint32_t next) {
    switch (next) {
      case 17:
        return taken6_;
      case 44:
        return Expected{PENSTOCK_FRAGMENT};
      case 47:
        return Expected{PENSTOCK_GRE};
      case 0:
      case 43:
      case 50:
      case 51:
      case 60:
      case 135:
        return Expected{PENSTOCK_IPV6_EXTENSION};
      default:
        return Expected{PENSTOCK_PROTOCOL};
    }
  });
}

TEST_F(ExhaustiveOptions, Ipv6VersionsTrafficClassesAndFlowLabels) {
  for_all_words(ipv6(kPayload), kIp, [&](std::uint32_t word) {
    return word >> 12 == 6 ? taken6_ : Expected{PENSTOCK_IP_VERSION};
  });
  for_all_words(ipv6(kPayload), kIp + 2, [&](std::uint32_t) { return taken6_; });
}

TEST_F(ExhaustiveOptions, Ipv6Lengths) {
  Frame frame = ipv6(kPayload);
  frame.resize(frame.size() + 40);
  for_all_words(frame, kIp + 4, [&](std::uint32_t length) {
    if (length < 8 || length > 8 + kPayload + 40) return Expected{PENSTOCK_IP_LENGTH};
    return length < 8 + kPayload ? Expected{PENSTOCK_UDP_LENGTH} : taken6_;
  });
  for_all_words(frame, kUdp6 + 4, [&](std::uint32_t length) {
    return length < 8 || length > 8 + kPayload ? Expected{PENSTOCK_UDP_LENGTH} : taken(62, length - 8);
  });
}

TEST_F(ExhaustiveOptions, Ipv6FirstBytesOfBothAddresses) {
  Frame frame = ipv6(kPayload);
  for_all_bytes(frame, kIp + 8, [&](std::uint32_t top) {  // the second byte is 1: never all zero
    return top == 0xff ? Expected{PENSTOCK_MARTIAN_SOURCE} : taken6_;
  });
  for_all_bytes(frame, kIp + 24,
                [&](std::uint32_t top) { return top == 0x20 ? taken6_ : Expected{PENSTOCK_DESTINATION}; });
  for_all_bytes(frame, kIp + 39,
                [&](std::uint32_t last) { return last == 2 ? taken6_ : Expected{PENSTOCK_DESTINATION}; });
}

// An address whose upper half is zero is no source, whichever of its bytes is the last that is not zero.
TEST_F(ExhaustiveOptions, Ipv6SourcesWithOneByte) {
  for (std::size_t at = 0; at < 16; ++at) {
    Frame frame = ipv6(kPayload);
    std::fill_n(frame.begin() + kIp + 8, 16, std::byte{0});
    frame[kIp + 8 + at] = std::byte{1};
    judges_.expect(frame, at < 8 ? taken6_ : Expected{PENSTOCK_MARTIAN_SOURCE}, at);
  }
}

TEST_F(ExhaustiveOptions, Ipv6Truncations) {
  const Frame whole = ipv6(kPayload);
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    const Expected cut{bytes < 54 ? PENSTOCK_SHORT_FRAME : PENSTOCK_IP_LENGTH};
    judges_.expect(std::span(whole).first(bytes), bytes == whole.size() ? taken6_ : cut, bytes);
  }
}

// One checksum is right; 0 means "none" over IPv4 and is forbidden over IPv6.
TEST_F(ExhaustiveOptions, UdpChecksums) {
  judges_.set_policy(option_classifier());
  const Frame frame4 = taken_frame(kPayload), frame6 = ipv6(kPayload);
  const std::uint16_t good4 = load_be16(&frame4[40]), good6 = load_be16(&frame6[kUdp6 + 6]);
  for_all_words(frame4, 40, [&](std::uint32_t sum) {
    return sum == 0 || sum == good4 ? taken(42, kPayload) : Expected{PENSTOCK_UDP_CHECKSUM};
  });
  for_all_words(frame6, kUdp6 + 6, [&](std::uint32_t sum) {
    if (sum == 0) return Expected{PENSTOCK_UDP_NO_CHECKSUM};
    return sum == good6 ? taken6_ : Expected{PENSTOCK_UDP_CHECKSUM};
  });
}

// Each payload length has its own way through the checksum's loops.
TEST_F(ExhaustiveOptions, UdpChecksumsOverEveryLength) {
  ClassifierConfig config = option_classifier();
  config.max_frame = 4'096;
  judges_.set_policy(config);
  for (std::size_t bytes = 0; bytes + 62 <= kTestRunMaxBytes; ++bytes) {
    Frame frame4 = taken_frame(bytes), frame6 = ipv6(bytes);
    judges_.expect(frame4, taken(42, bytes), bytes);
    judges_.expect(frame6, taken(62, bytes), bytes);
    frame4.back() ^= std::byte{1};
    frame6.back() ^= std::byte{1};
    if (bytes == 0) continue;  // the last byte was of the checksum: 1 off, or 0
    judges_.expect(frame4, {PENSTOCK_UDP_CHECKSUM}, bytes);
    judges_.expect(frame6, {PENSTOCK_UDP_CHECKSUM}, bytes);
  }
}

// MAC, few or many addresses or none, and the three options: each of the 48 policies, on every row.
TEST_F(ExhaustiveOptions, EveryCombinationOfThePolicysFlags) {
  for (std::uint32_t bits = 0; bits < 48; ++bits) {
    ClassifierConfig config = option_classifier();
    config.vlan = (bits & 1) != 0;
    config.ipv6 = (bits & 2) != 0;
    config.verify_udp_checksum = (bits & 4) != 0;
    if ((bits & 8) != 0) config.mac.reset();
    if (bits / 16 != 0) config.addresses.resize(bits / 16 == 1 ? 2 : 0);
    if (bits / 16 == 2) config.ipv6_addresses.clear();
    judges_.set_policy(config);
    for (const std::vector<FrameRow>& rows : {frame_rows(), option_rows()}) {
      for (const FrameRow& row : rows) {
        const Verdict plain = plain_verdict(config, row.frame);
        judges_.expect(row.frame, {plain.reason, plain.payload.offset, plain.payload.length}, bits);
      }
    }
  }
}

}  // namespace
}  // namespace penstock
