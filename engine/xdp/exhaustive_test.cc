// Proof 1: every value of every field that the classifier looks at in Ethernet, IPv4 and UDP, under the
// default policy: the XDP program = C++ = what this test expects. Needs root.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"
#include "engine/xdp/testing/agreement.h"

namespace penstock {
namespace {

constexpr std::size_t kPayload = 100;
constexpr std::size_t kIp = 14, kUdp = 34;
constexpr std::uint32_t kAll16 = 65'536;

void fix_ip_checksum(std::vector<std::byte>& frame) {
  store_be16(&frame[kIp + 10], 0);
  store_be16(&frame[kIp + 10], checksum_finish(checksum_sum(std::span(frame).subspan(kIp, 20))));
}

class Exhaustive : public testing::Test {
 protected:
  // Every 16-bit value at `at`, with the header checksum made right again; `expected` is a function of it.
  template <typename Expect>
  void for_all_words(std::size_t at, Expect expected) {
    for (std::uint32_t value = 0; value < kAll16; ++value) {
      store_be16(&frame_[at], static_cast<std::uint16_t>(value));
      fix_ip_checksum(frame_);
      judges_.expect(frame_, expected(value), value);
    }
  }
  template <typename Expect>
  void for_all_bytes(std::size_t at, Expect expected) {
    for (std::uint32_t value = 0; value < 256; ++value) {
      frame_[at] = static_cast<std::byte>(value);
      fix_ip_checksum(frame_);
      judges_.expect(frame_, expected(value), value);
    }
  }

  Agreement judges_{row_classifier()};
  std::vector<std::byte> frame_ = taken_frame(kPayload);
  const Expected taken_ = taken(42, kPayload);
};

TEST_F(Exhaustive, DestinationPorts) {
  for_all_words(kUdp + 2, [&](std::uint32_t port) {
    return port == 8003 || port == 8701 ? taken_ : Expected{PENSTOCK_PORT};
  });
}

TEST_F(Exhaustive, SourcePortsDoNotMatter) {
  for_all_words(kUdp, [&](std::uint32_t) { return taken_; });
}

TEST_F(Exhaustive, Ethertypes) {
  for_all_words(12, [&](std::uint32_t type) {
    if (type == 0x0800) return taken_;
    if (type == 0x8100 || type == 0x88a8) return Expected{PENSTOCK_VLAN};
    return Expected{type == 0x86dd ? PENSTOCK_IPV6 : PENSTOCK_ETHERTYPE};
  });
}

TEST_F(Exhaustive, Protocols) {
  for_all_bytes(kIp + 9, [&](std::uint32_t protocol) {
    if (protocol == 17) return taken_;
    return Expected{protocol == 47 ? PENSTOCK_GRE : PENSTOCK_PROTOCOL};
  });
}

TEST_F(Exhaustive, VersionsAndHeaderLengths) {
  for_all_bytes(kIp, [&](std::uint32_t value) {
    if (value / 16 != 4) return Expected{PENSTOCK_IP_VERSION};
    if (value % 16 < 5) return Expected{PENSTOCK_IHL};
    return value % 16 == 5 ? taken_ : Expected{PENSTOCK_IP_OPTIONS};
  });
}

TEST_F(Exhaustive, FragmentFields) {
  // The top bit is reserved, the next says "do not fragment"; the 14 below make a fragment.
  for_all_words(kIp + 6, [&](std::uint32_t field) {
    return field % 0x4000 == 0 ? taken_ : Expected{PENSTOCK_FRAGMENT};
  });
}

TEST_F(Exhaustive, TotalLengths) {
  frame_.resize(frame_.size() +
                40);  // Ethernet padding: some lengths are too long for UDP but inside the frame
  for_all_words(kIp + 2, [&](std::uint32_t total) {
    if (total < 28 || total > 28 + kPayload + 40) return Expected{PENSTOCK_IP_LENGTH};
    return total < 28 + kPayload ? Expected{PENSTOCK_UDP_LENGTH} : taken_;
  });
}

TEST_F(Exhaustive, UdpLengths) {
  frame_.resize(frame_.size() + 40);
  for_all_words(kUdp + 4, [&](std::uint32_t length) {
    return length < 8 || length > 8 + kPayload ? Expected{PENSTOCK_UDP_LENGTH} : taken(42, length - 8);
  });
}

TEST_F(Exhaustive, UdpChecksumsDoNotMatter) {
  for_all_words(kUdp + 6, [&](std::uint32_t) { return taken_; });
}

// Of the 65,536 header checksums one is right; where it is 0, so is its ones' complement twin 0xffff.
TEST_F(Exhaustive, HeaderChecksums) {
  const std::uint16_t good = load_be16(&frame_[kIp + 10]);
  ASSERT_NE(good, 0);
  for (std::uint32_t value = 0; value < kAll16; ++value) {
    store_be16(&frame_[kIp + 10], static_cast<std::uint16_t>(value));
    judges_.expect(frame_, value == good ? taken_ : Expected{PENSTOCK_IP_CHECKSUM}, value);
  }
}

TEST_F(Exhaustive, HeaderChecksumsWhereZeroIsRight) {
  store_be16(&frame_[kIp + 4], 0);
  fix_ip_checksum(frame_);
  store_be16(&frame_[kIp + 4], load_be16(&frame_[kIp + 10]));  // the identification takes up the sum
  for (std::uint32_t value = 0; value < kAll16; ++value) {
    store_be16(&frame_[kIp + 10], static_cast<std::uint16_t>(value));
    judges_.expect(frame_, value == 0 || value == 0xffff ? taken_ : Expected{PENSTOCK_IP_CHECKSUM}, value);
  }
}

TEST_F(Exhaustive, FirstBytesOfTheSource) {
  frame_[kIp + 13] = std::byte{7};  // not the zero address
  for_all_bytes(kIp + 12, [&](std::uint32_t top) {
    return top == 127 || (top >= 224 && top < 240) ? Expected{PENSTOCK_MARTIAN_SOURCE} : taken_;
  });
}

TEST_F(Exhaustive, LastBytesOfBothAddresses) {
  for_all_bytes(kIp + 19, [&](std::uint32_t last) {  // 10.1.0.2 and 10.1.0.3 are ours
    return last == 2 || last == 3 ? taken_ : Expected{PENSTOCK_DESTINATION};
  });
  frame_ = taken_frame(kPayload);
  for (std::size_t i = 0; i < 3; ++i)
    frame_[kIp + 12 + i] = frame_[kIp + 16 + i];
  for_all_bytes(kIp + 15, [&](std::uint32_t last) {
    return last == 2 || last == 3 ? Expected{PENSTOCK_OWN_SOURCE} : taken_;
  });
}

// All bytes 0 or 255: the zero address, the broadcast address, and what is one byte beside them.
TEST_F(Exhaustive, AddressesBesideZeroAndBroadcast) {
  for (std::uint32_t bits = 0; bits < 16; ++bits) {
    std::vector<std::byte> frame = frame_;
    for (std::size_t i = 0; i < 4; ++i)
      frame[kIp + 12 + i] = (bits >> i & 1) != 0 ? std::byte{255} : std::byte{0};
    fix_ip_checksum(frame);
    judges_.expect(frame, bits == 0 || bits == 15 ? Expected{PENSTOCK_MARTIAN_SOURCE} : taken_, bits);
    frame = frame_;
    for (std::size_t i = 0; i < 4; ++i)
      frame[kIp + 16 + i] = (bits >> i & 1) != 0 ? std::byte{255} : std::byte{0};
    fix_ip_checksum(frame);
    judges_.expect(frame, {PENSTOCK_DESTINATION}, bits);
  }
}

TEST_F(Exhaustive, EveryBitOfTheDestinationMac) {
  for (std::uint32_t bit = 0; bit < 48; ++bit) {
    std::vector<std::byte> frame = frame_;
    frame[bit / 8] ^= std::byte{1} << bit % 8;
    judges_.expect(frame, {PENSTOCK_DESTINATION_MAC}, bit);
  }
}

TEST_F(Exhaustive, TypeOfServiceAndTimeToLiveDoNotMatter) {
  for_all_bytes(kIp + 1, [&](std::uint32_t) { return taken_; });
  for_all_bytes(kIp + 8, [&](std::uint32_t) { return taken_; });
}

TEST_F(Exhaustive, TruncationsOfAShred) {
  const std::vector<std::byte> whole = taken_frame(1'228);
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    const Expected expected{bytes < 34 ? PENSTOCK_SHORT_FRAME : PENSTOCK_IP_LENGTH};
    judges_.expect(std::span(whole).first(bytes), bytes == whole.size() ? taken(42, 1'228) : expected, bytes);
  }
}

// A frame whose lengths promise nothing beyond the headers: padding may be cut at any point.
TEST_F(Exhaustive, TruncationsOfAnEmptyDatagramWithPadding) {
  std::vector<std::byte> whole = taken_frame(0);
  whole.resize(64);
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    const Expected expected{bytes < 34 ? PENSTOCK_SHORT_FRAME : PENSTOCK_IP_LENGTH};
    judges_.expect(std::span(whole).first(bytes), bytes >= 42 ? taken(42, 0) : expected, bytes);
  }
}

TEST_F(Exhaustive, TruncationsOfWhatIsPassedForItsHeader) {
  std::vector<std::byte> options = taken_frame(kPayload), tcp = options, arp = options;
  options[kIp] = std::byte{0x46};
  tcp[kIp + 9] = std::byte{6};
  store_be16(&arp[12], 0x0806);
  for (std::size_t bytes = 0; bytes <= options.size(); ++bytes) {
    const Expected cut{PENSTOCK_SHORT_FRAME};
    judges_.expect(std::span(options).first(bytes), bytes < 34 ? cut : Expected{PENSTOCK_IP_OPTIONS}, bytes);
    judges_.expect(std::span(tcp).first(bytes), bytes < 34 ? cut : Expected{PENSTOCK_PROTOCOL}, bytes);
    judges_.expect(std::span(arp).first(bytes), bytes < 14 ? cut : Expected{PENSTOCK_ETHERTYPE}, bytes);
  }
}

// Every length of frame, by payload and by padding, for several sizes of chunk.
TEST_F(Exhaustive, FrameLengthsAndChunks) {
  for (const std::uint32_t max_frame : {42u, 64u, 1'792u, 3'520u, 4'096u}) {
    ClassifierConfig config = row_classifier();
    config.max_frame = max_frame;
    judges_.set_policy(config);
    std::vector<std::byte> padded = taken_frame(0);
    for (std::size_t bytes = 42; bytes <= kTestRunMaxBytes; ++bytes) {
      const bool fits = bytes <= max_frame;
      judges_.expect(taken_frame(bytes - 42), fits ? taken(42, bytes - 42) : Expected{PENSTOCK_OVERSIZE},
                     bytes);
      padded.resize(bytes);
      judges_.expect(padded, fits ? taken(42, 0) : Expected{PENSTOCK_OVERSIZE}, bytes);
    }
  }
}

}  // namespace
}  // namespace penstock
