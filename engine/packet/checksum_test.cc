// The Internet checksum against the examples of RFC 1071, RFC 1624 and a published IPv4 header.
#include "engine/packet/checksum.h"

#include <array>
#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const int value : values)
    result.push_back(static_cast<std::byte>(value));
  return result;
}

TEST(Checksum, OfTheExampleOfRfc1071) {
  const auto data = bytes({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7});
  EXPECT_EQ(checksum_fold(checksum_sum(data)), 0xddf2);
  EXPECT_EQ(checksum_finish(checksum_sum(data)), 0x220d);
}

TEST(Checksum, OfAnIpv4Header) {
  const auto header = bytes({0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                             0x00, 0x00, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7});
  EXPECT_EQ(checksum_finish(checksum_sum(header)), 0xb861);
}

TEST(Checksum, PadsAnOddByteOnTheRight) {
  for (std::size_t length = 0; length < 9; ++length) {
    std::vector<std::byte> data(length, std::byte{0x5a});
    std::vector<std::byte> padded = data;
    if (length % 2 == 1) padded.push_back(std::byte{0});
    std::uint64_t by_words = 0;
    for (std::size_t i = 0; i < padded.size(); i += 2)
      by_words += load_be16(&padded[i]);
    EXPECT_EQ(checksum_fold(checksum_sum(data)), checksum_fold(by_words)) << length;
  }
}

TEST(Checksum, SumsInParts) {
  const auto whole = bytes({1, 2, 3, 4, 5, 6, 7});
  const std::span<const std::byte> view(whole);
  EXPECT_EQ(checksum_finish(checksum_sum(view.first(2)) + checksum_sum(view.subspan(2))),
            checksum_finish(checksum_sum(view)));
}

TEST(Checksum, OfUdpIsNeverSentAsZero) {
  EXPECT_EQ(checksum_finish(0xffff), 0);
  EXPECT_EQ(udp_checksum_finish(0xffff), 0xffff);
  EXPECT_EQ(udp_checksum_finish(0xfffe), 1);
}

// RFC 1624 section 4: checksum 0xdd2f, a field goes from 0x5555 to 0x3285, the new one is 0x0000.
TEST(Checksum, UpdatesAsTheExampleOfRfc1624) {
  EXPECT_EQ(checksum_update(0xdd2f, 0x5555, 0x3285), 0x0000);
}

TEST(Checksum, UpdateEqualsComputingAnew) {
  auto data = bytes({0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc});
  const std::uint16_t before = checksum_finish(checksum_sum(data));
  const std::uint64_t old_sum = checksum_sum(std::span(data).first(4));
  data[0] = std::byte{0xff};
  data[3] = std::byte{0x01};
  EXPECT_EQ(checksum_update(before, old_sum, checksum_sum(std::span(data).first(4))),
            checksum_finish(checksum_sum(data)));
}

}  // namespace
}  // namespace penstock
