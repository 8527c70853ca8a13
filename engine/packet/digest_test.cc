// The digest against values computed with Python's hashlib and big integers.
#include "engine/packet/digest.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

const Endpoint kSource{Ipv4Address::from_host(0xc6120001), 8006};  // 198.18.0.1
const Endpoint kOther{Ipv4Address::from_host(0xc6120002), 8006};
const Endpoint kDestination{Ipv4Address::from_host(0x0a000002), 8000};

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// 0, 1, ... 255, 0, 1, ...
std::vector<std::byte> ramp(std::size_t length) {
  std::vector<std::byte> result(length);
  for (std::size_t i = 0; i < length; ++i)
    result[i] = static_cast<std::byte>(i);
  return result;
}

TEST(MultisetDigest, OfNothingIsZero) {
  EXPECT_EQ(MultisetDigest().to_string(),
            "0:0000000000000000000000000000000000000000000000000000000000000000");
}

TEST(MultisetDigest, OfAnEmptyDatagram) {
  MultisetDigest digest;
  digest.add_datagram(kSource, kDestination, {});
  EXPECT_EQ(digest.to_string(), "1:71d2b5f9487d140c33180f2412c1df2c0a2bee40fcabffa5be09d6a08c3c2356");
}

TEST(MultisetDigest, OfOneDatagram) {
  MultisetDigest digest;
  digest.add_datagram(kSource, kDestination, ramp(1280));
  EXPECT_EQ(digest.to_string(), "1:bb36b84bd73aab6c7f20963451c54e0ea35edb5bbb719ba848c480c8505edf8c");
}

// Twice the same datagram counts twice (XOR would hide it), and the sum wraps at 2^256.
TEST(MultisetDigest, SumsModTwoToThe256WithDuplicates) {
  MultisetDigest digest;
  digest.add_datagram(kSource, kDestination, ramp(1280));
  digest.add_datagram(kOther, kDestination, bytes("abc"));
  digest.add_datagram(kSource, kDestination, ramp(1280));
  EXPECT_EQ(digest.to_string(), "3:10e8842cc9fd3856486680a596e1e375b2d7c28883f1e9543d7aadbf05166eca");
}

TEST(MultisetDigest, CarriesThroughAThousandSums) {
  MultisetDigest digest;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    std::array<std::byte, 4> payload{};
    store_be32(payload.data(), i);
    digest.add_datagram(kSource, kDestination, payload);
  }
  EXPECT_EQ(digest.to_string(), "1000:86b053e00ee6c7d4157dd6c45a3da1eebac88c26ff2bb9ddbe8336a61bdac3b3");
}

TEST(MultisetDigest, OfAFrame) {
  MultisetDigest digest;
  digest.add_frame(ramp(60));
  EXPECT_EQ(digest.to_string(), "1:5d26a809ed1504a74a367558a19a903034f78621e041cf12acc6da8afca332d5");
}

TEST(MultisetDigest, NamesAnElementByTheLowEndOfItsHash) {
  MultisetDigest digest;
  const std::array<std::byte, 60> frame{};
  const std::uint64_t name = digest.add_frame(frame);
  EXPECT_TRUE(digest.to_string().ends_with(fmt::format("{:016x}", name)))
      << "the sum of one hash is the hash";
  EXPECT_EQ(digest.add_frame(frame), name);
  EXPECT_NE(digest.add_frame(std::span(frame).first(59)), name);
}

TEST(MultisetDigest, DoesNotDependOnOrder) {
  MultisetDigest forward;
  MultisetDigest backward;
  for (std::size_t i = 0; i < 50; ++i) {
    forward.add_datagram(kSource, kDestination, ramp(i));
    backward.add_datagram(kSource, kDestination, ramp(49 - i));
  }
  EXPECT_TRUE(forward == backward);
}

TEST(MultisetDigest, TellsEveryFieldApart) {
  const auto of = [](const Endpoint& source, const Endpoint& destination, std::string_view payload) {
    MultisetDigest digest;
    digest.add_datagram(source, destination, bytes(payload));
    return digest;
  };
  const MultisetDigest base = of(kSource, kDestination, "abc");
  EXPECT_FALSE(base == of(kOther, kDestination, "abc"));
  EXPECT_FALSE(base == of({kSource.address, 8007}, kDestination, "abc"));
  EXPECT_FALSE(base == of(kSource, {kOther.address, 8000}, "abc"));
  EXPECT_FALSE(base == of(kSource, {kDestination.address, 8001}, "abc"));
  EXPECT_FALSE(base == of(kSource, kDestination, "abd"));
  EXPECT_FALSE(base == of(kDestination, kSource, "abc"));
}

TEST(MultisetDigest, MergesAsIfAllWereAddedToOne) {
  MultisetDigest all;
  MultisetDigest parts[2];
  for (std::size_t i = 0; i < 40; ++i) {
    all.add_datagram(kSource, kDestination, ramp(i));
    parts[i % 2].add_datagram(kSource, kDestination, ramp(i));
  }
  parts[0].merge(parts[1]);
  EXPECT_TRUE(parts[0] == all);
  EXPECT_EQ(parts[0].count(), 40u);
}

TEST(MultisetDigest, MovesAndGoesOn) {
  MultisetDigest first;
  first.add_datagram(kSource, kDestination, bytes("a"));
  MultisetDigest second = std::move(first);
  second.add_datagram(kSource, kDestination, bytes("b"));
  MultisetDigest both;
  both.add_datagram(kSource, kDestination, bytes("a"));
  both.add_datagram(kSource, kDestination, bytes("b"));
  EXPECT_TRUE(second == both);
}

}  // namespace
}  // namespace penstock
