// Toeplitz, bit by bit: clear rather than fast, one frame costs under a microsecond.
#include "sim/nic_model/rss.h"

#include <array>
#include <cstring>

#include "engine/base/check.h"
#include "engine/packet/headers.h"

namespace penstock {
namespace {

constexpr std::array<std::uint8_t, 40> kKey = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
                                               0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
                                               0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
                                               0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

constexpr std::size_t kIp = 14;               // the IPv4 header, behind Ethernet's
constexpr std::size_t kAddresses = kIp + 12;  // source and destination, eight bytes
constexpr std::size_t kShortestIpv4 = 20;
constexpr std::uint32_t kTableEntries = 128;

std::uint32_t byte_at(std::span<const std::byte> frame, std::size_t at) {
  return std::to_integer<std::uint32_t>(frame[at]);
}

std::uint32_t word_at(std::span<const std::byte> frame, std::size_t at) {
  return byte_at(frame, at) << 8 | byte_at(frame, at + 1);
}

}  // namespace

std::uint32_t toeplitz_hash(std::span<const std::byte> input) {
  PENSTOCK_CHECK(input.size() + 4 <= kKey.size());
  std::uint32_t hash = 0;
  std::uint32_t window = 0;  // the 32 bits of the key that begin at the present bit
  for (std::size_t i = 0; i < 4; ++i)
    window = window << 8 | kKey[i];
  for (std::size_t i = 0; i < input.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      if ((std::to_integer<unsigned>(input[i]) << bit & 0x80u) != 0) hash ^= window;
      window = window << 1 | (static_cast<std::uint32_t>(kKey[i + 4]) >> (7 - bit) & 1u);
    }
  }
  return hash;
}

std::optional<std::uint32_t> rss_hash(std::span<const std::byte> frame) {
  if (frame.size() < kIp + kShortestIpv4 || word_at(frame, kIp - 2) != kEthertypeIpv4) return std::nullopt;
  const std::size_t header = (byte_at(frame, kIp) & 0x0f) * std::size_t{4};
  if (byte_at(frame, kIp) >> 4 != 4 || header < kShortestIpv4) return std::nullopt;
  const std::uint32_t protocol = byte_at(frame, kIp + 9);
  const bool fragment = (word_at(frame, kIp + 6) & 0x3fff) != 0;
  const std::size_t ports = kIp + header;
  const bool hashes_ports =
      (protocol == kProtocolUdp || protocol == kProtocolTcp) && !fragment && frame.size() >= ports + 4;
  std::array<std::byte, 12> input{};
  std::memcpy(input.data(), frame.data() + kAddresses, 8);
  if (!hashes_ports) return toeplitz_hash(std::span(input).first(8));
  std::memcpy(input.data() + 8, frame.data() + ports, 4);
  return toeplitz_hash(input);
}

std::uint32_t rss_queue(std::span<const std::byte> frame, std::uint32_t queues) {
  PENSTOCK_CHECK(queues > 0);
  const std::optional<std::uint32_t> hash = rss_hash(frame);
  return hash ? *hash % kTableEntries % queues : 0;
}

}  // namespace penstock
