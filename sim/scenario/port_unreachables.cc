// Ethernet, IPv4, ICMP, and inside it IPv4 and UDP.
#include "sim/scenario/port_unreachables.h"

#include <algorithm>

#include "engine/packet/byte_order.h"
#include "engine/packet/headers.h"

namespace penstock {
namespace {

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kIcmpBytes = 8;
constexpr std::byte kDestinationUnreachable{3};
constexpr std::byte kPortUnreachable{3};

// What an IPv4 packet of this protocol carries; empty when it is none, or not whole enough to tell.
std::span<const std::byte> content(std::span<const std::byte> ip, std::uint8_t protocol) {
  if (ip.size() < 20 || std::to_integer<unsigned>(ip[0]) >> 4 != 4) return {};
  const std::size_t header = (std::to_integer<std::size_t>(ip[0]) & 0x0f) * 4;
  if (ip[9] != static_cast<std::byte>(protocol) || header > ip.size()) return {};
  return ip.subspan(header);
}

}  // namespace

void PortUnreachables::add(std::span<const std::byte> frame) {
  if (frame.size() < kEthernetBytes || load_be16(&frame[12]) != kEthertypeIpv4) return;
  const auto icmp = content(frame.subspan(kEthernetBytes), kProtocolIcmp);
  if (icmp.size() < kIcmpBytes || icmp[0] != kDestinationUnreachable || icmp[1] != kPortUnreachable) return;
  const auto udp = content(icmp.subspan(kIcmpBytes), kProtocolUdp);
  if (udp.size() < 4) return;
  if (std::find(ports_.begin(), ports_.end(), load_be16(&udp[2])) != ports_.end()) ++count_;
}

}  // namespace penstock
