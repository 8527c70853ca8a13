// A datagram as its receiver sees it: both endpoints and the payload, as a value that can be sorted. What a
// plain UDP socket and a receive path are compared by.
//
// Addresses are IPv6; IPv4 ones are mapped (::ffff:a.b.c.d). Ports in host order. Thread safety: values.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/packet/address.h"

namespace penstock {

struct Datagram {
  Ipv6Address source{};
  Ipv6Address destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::vector<std::byte> payload{};

  bool is_ipv4() const;
  // "192.0.2.1:8001 > 192.0.2.2:8003, 200 bytes 0a0b0c0d..."
  std::string to_string() const;
  auto operator<=>(const Datagram&) const = default;
};

Ipv6Address mapped(Ipv4Address address);
Datagram make_datagram(const Endpoint& source, const Endpoint& destination,
                       std::span<const std::byte> payload);

// How two multisets differ, each side sorted.
struct MultisetDifference {
  std::vector<Datagram> missing;  // wanted and not found
  std::vector<Datagram> extra;    // found and not wanted

  bool empty() const { return missing.empty() && extra.empty(); }
};
MultisetDifference difference(std::vector<Datagram> wanted, std::vector<Datagram> found);

}  // namespace penstock
