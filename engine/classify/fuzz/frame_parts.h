// A frame as parts, before it becomes bytes: what the field-wise mutations change.
//
// draw_frame() makes a frame that the receiver's host would accept: for its MAC, to one of its
// addresses, with right lengths; what a good frame leaves open (TTL, source, padding, the UDP checksum
// when nobody verifies it ...) varies. write_frame() lays it down.
//
// Thread safety: values and pure functions. Integers in host order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/random.h"
#include "engine/classify/classifier.h"
#include "engine/packet/headers.h"

namespace penstock {

struct FrameParts {
  enum class Network : std::uint8_t { kIpv4, kIpv6, kArp, kNone };
  // Of IPv4 and IPv6; kGre carries IPv4 and UDP of its own, kNone bare payload.
  enum class Transport : std::uint8_t { kUdp, kTcp, kIcmp, kGre, kNone };

  EthernetHeader ethernet{};
  std::vector<VlanTag> tags{};  // at most 3
  Network network = Network::kIpv4;
  Ipv4Header ip{};
  Ipv6Header ip6{};
  std::optional<std::uint8_t> extension{};  // IPv6: one header of this type, 8 bytes, before the transport
  ArpHeader arp{};
  Transport transport = Transport::kUdp;
  GreHeader gre{};
  UdpHeader udp{};
  TcpHeader tcp{};
  IcmpEchoHeader icmp{};
  std::size_t payload = 0;  // bytes
  std::size_t padding = 0;  // zeros behind everything that a length counts

  // Of the headers that write_frame() puts before the payload.
  std::size_t header_bytes() const;
};

// Frames are cut to this range: what BPF_PROG_TEST_RUN takes (engine/xdp/test_run.h).
inline constexpr std::size_t kMinMutatedFrame = 14;
inline constexpr std::size_t kMaxMutatedFrame = 3520;

// REQUIRES: the target has a MAC, at least one address of IPv4 and one of IPv6.
FrameParts draw_frame(const ClassifierConfig& target, Random& random);

// A payload length that is worth a test: shreds, nothing, a few bytes, around the longest frame.
std::size_t draw_payload(const ClassifierConfig& target, std::size_t header_bytes, Random& random);

// Replaces `frame`. REQUIRES: parts.payload <= payload.size().
void write_frame(const FrameParts& parts, std::span<const std::byte> payload, std::vector<std::byte>& frame);

// One of `choices`, each as likely.
template <typename T, std::size_t N>
const T& pick(Random& random, const T (&choices)[N]) {
  return choices[random.below(N)];
}
template <typename T>
const T& pick(Random& random, const std::vector<T>& choices) {
  return choices[random.below(choices.size())];
}

}  // namespace penstock
