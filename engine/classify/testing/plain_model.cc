// The plain rules.
#include "engine/classify/testing/plain_model.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"

namespace penstock {
namespace {

template <typename Container, typename Value>
bool contains(const Container& container, const Value& value) {
  return std::find(container.begin(), container.end(), value) != container.end();
}

Verdict pass(penstock_reason reason) {
  return {reason, {0, 0, 0}};
}

// The frame from some header on, and what is known so far.
struct Rest {
  const ClassifierConfig& config;
  std::span<const std::byte> frame;
  std::size_t ip;  // offset of the IP header

  unsigned byte(std::size_t at) const { return std::to_integer<unsigned>(frame[ip + at]); }
  unsigned word(std::size_t at) const { return load_be16(&frame[ip + at]); }
  std::size_t bytes() const { return frame.size() - ip; }
  template <typename Address>
  Address address(std::size_t at) const {
    Address address;
    std::memcpy(address.bytes.data(), &frame[ip + at], address.bytes.size());
    return address;
  }
  bool checks_addresses() const { return !config.addresses.empty() || !config.ipv6_addresses.empty(); }
  bool for_our_station() const {
    return !config.mac || std::memcmp(frame.data(), config.mac->bytes.data(), 6) == 0;
  }
};

// Length, checksum and payload of the datagram at `udp` (from the IP header) that the IP packet leaves
// `room` bytes; `before_checksum` is the verdict of the checks that stand between the two.
Verdict take(const Rest& rest, std::size_t udp, std::uint64_t pseudo_sum, std::uint16_t version) {
  const std::size_t length = rest.word(udp + 4);
  if (rest.frame.size() > rest.config.max_frame) return pass(PENSTOCK_OVERSIZE);
  if (rest.config.verify_udp_checksum && rest.word(udp + 6) != 0) {
    const std::uint64_t sum = pseudo_sum + checksum_sum(rest.frame.subspan(rest.ip + udp, length));
    if (checksum_fold(sum) != 0xffff) return pass(PENSTOCK_UDP_CHECKSUM);
  }
  return {PENSTOCK_TAKEN, {static_cast<__u16>(rest.ip + udp + 8), static_cast<__u16>(length - 8), version}};
}

bool any_of_tops(unsigned top, unsigned low, unsigned high) {
  return low <= top && top <= high;
}

Verdict judge_ipv4(const Rest& rest) {
  if (rest.bytes() < 20) return pass(PENSTOCK_SHORT_FRAME);
  const unsigned version = rest.byte(0) / 16, words = rest.byte(0) % 16;
  if (version != 4) return pass(PENSTOCK_IP_VERSION);
  if (words < 5) return pass(PENSTOCK_IHL);
  if (words > 5) return pass(PENSTOCK_IP_OPTIONS);
  if (rest.byte(9) == 47) return pass(PENSTOCK_GRE);
  if (rest.byte(9) != 17) return pass(PENSTOCK_PROTOCOL);
  const bool more_fragments = (rest.byte(6) & 0x20) != 0;
  const bool has_offset = (rest.byte(6) & 0x1f) != 0 || rest.byte(7) != 0;
  if (more_fragments || has_offset) return pass(PENSTOCK_FRAGMENT);
  const std::size_t total = rest.word(2);
  if (total < 28 || total > rest.bytes()) return pass(PENSTOCK_IP_LENGTH);
  if (!contains(rest.config.ports, rest.word(22))) return pass(PENSTOCK_PORT);
  if (checksum_fold(checksum_sum(rest.frame.subspan(rest.ip, 20))) != 0xffff)
    return pass(PENSTOCK_IP_CHECKSUM);
  const std::size_t length = rest.word(24);
  if (length < 8 || length > total - 20) return pass(PENSTOCK_UDP_LENGTH);
  if (!rest.for_our_station()) return pass(PENSTOCK_DESTINATION_MAC);

  const auto source = rest.address<Ipv4Address>(12), destination = rest.address<Ipv4Address>(16);
  const Ipv4Address zero{{0, 0, 0, 0}}, broadcast{{255, 255, 255, 255}};
  const auto unusual = [&](const Ipv4Address& address) {
    const unsigned top = address.bytes[0];
    return address == zero || address == broadcast || top == 127 || any_of_tops(top, 224, 239);
  };
  if (unusual(source)) return pass(PENSTOCK_MARTIAN_SOURCE);
  if (unusual(destination)) return pass(PENSTOCK_DESTINATION);
  if (rest.checks_addresses()) {
    if (contains(rest.config.addresses, source)) return pass(PENSTOCK_OWN_SOURCE);
    if (!contains(rest.config.addresses, destination)) return pass(PENSTOCK_DESTINATION);
  }
  const auto bytes = static_cast<std::uint32_t>(length);
  return take(rest, 20, checksum_pseudo_header(source, destination, 17, bytes), 4);
}

Verdict judge_ipv6(const Rest& rest) {
  if (rest.bytes() < 40) return pass(PENSTOCK_SHORT_FRAME);
  if (rest.byte(0) / 16 != 6) return pass(PENSTOCK_IP_VERSION);
  const unsigned next = rest.byte(6);
  if (next == 44) return pass(PENSTOCK_FRAGMENT);
  if (next == 47) return pass(PENSTOCK_GRE);
  if (contains(std::array{0u, 43u, 50u, 51u, 60u, 135u}, next)) return pass(PENSTOCK_IPV6_EXTENSION);
  if (next != 17) return pass(PENSTOCK_PROTOCOL);
  const std::size_t payload = rest.word(4);
  if (payload < 8 || payload > rest.bytes() - 40) return pass(PENSTOCK_IP_LENGTH);
  if (!contains(rest.config.ports, rest.word(42))) return pass(PENSTOCK_PORT);
  const std::size_t length = rest.word(44);
  if (length < 8 || length > payload) return pass(PENSTOCK_UDP_LENGTH);
  if (rest.word(46) == 0) return pass(PENSTOCK_UDP_NO_CHECKSUM);
  if (!rest.for_our_station()) return pass(PENSTOCK_DESTINATION_MAC);

  const auto source = rest.address<Ipv6Address>(8), destination = rest.address<Ipv6Address>(24);
  const auto unusual = [](const Ipv6Address& address) {
    const auto upper_half = std::span(address.bytes).first(8);
    return address.bytes[0] == 0xff ||
           std::all_of(upper_half.begin(), upper_half.end(), [](std::uint8_t b) { return b == 0; });
  };
  if (unusual(source)) return pass(PENSTOCK_MARTIAN_SOURCE);
  if (unusual(destination)) return pass(PENSTOCK_DESTINATION);
  if (rest.checks_addresses()) {
    if (contains(rest.config.ipv6_addresses, source)) return pass(PENSTOCK_OWN_SOURCE);
    if (!contains(rest.config.ipv6_addresses, destination)) return pass(PENSTOCK_DESTINATION);
  }
  const std::uint64_t sum = checksum_sum(rest.frame.subspan(rest.ip + 8, 32)) + 17 + length;
  return take(rest, 40, sum, 6);
}

}  // namespace

Verdict plain_verdict(const ClassifierConfig& config, std::span<const std::byte> frame) {
  PENSTOCK_CHECK(frame.size() < 4096);
  if (frame.size() < 14) return pass(PENSTOCK_SHORT_FRAME);
  std::size_t ip = 14;
  unsigned type = load_be16(&frame[12]);
  for (int tags = 0; type == 0x8100 || type == 0x88a8; ++tags) {
    if (!config.vlan || tags == 2) return pass(PENSTOCK_VLAN);
    if (frame.size() < ip + 4) return pass(PENSTOCK_SHORT_FRAME);
    if (load_be16(&frame[ip]) % 4096 != 0) return pass(PENSTOCK_VLAN);
    type = load_be16(&frame[ip + 2]);
    ip += 4;
  }
  const Rest rest{config, frame, ip};
  if (type == 0x0800) return judge_ipv4(rest);
  if (type != 0x86dd) return pass(PENSTOCK_ETHERTYPE);
  return config.ipv6 ? judge_ipv6(rest) : pass(PENSTOCK_IPV6);
}

}  // namespace penstock
