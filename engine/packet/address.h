// MAC, IPv4 and IPv6 addresses and endpoints as values.
//
// Addresses hold the bytes as they are on the wire (network order), so that they can be copied into
// and out of frames and handed to BPF maps as they are. Ports are in host order everywhere but in frames.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace penstock {

struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  // Reads "02:00:00:00:00:01"; six two-digit hexadecimal groups, either case.
  static Result<MacAddress> parse(std::string_view text);
  std::string to_string() const;
  auto operator<=>(const MacAddress&) const = default;
};

struct Ipv4Address {
  std::array<std::uint8_t, 4> bytes{};

  // Reads dotted-quad decimal, as inet_pton(3): no leading zeros, no short forms.
  static Result<Ipv4Address> parse(std::string_view text);
  static constexpr Ipv4Address from_network(std::uint32_t network_order) {
    return std::bit_cast<Ipv4Address>(network_order);
  }
  // From host order: Ipv4Address::from_host(0x0a000001) is 10.0.0.1.
  static Ipv4Address from_host(std::uint32_t host_order);
  // The four bytes as the integer that a load from the frame gives.
  constexpr std::uint32_t network() const { return std::bit_cast<std::uint32_t>(*this); }
  std::string to_string() const;
  auto operator<=>(const Ipv4Address&) const = default;
};

struct Ipv6Address {
  std::array<std::uint8_t, 16> bytes{};

  // Reads what inet_pton(3) reads, without a zone.
  static Result<Ipv6Address> parse(std::string_view text);
  std::string to_string() const;  // the shortest form, as inet_ntop(3)
  auto operator<=>(const Ipv6Address&) const = default;
};

struct Endpoint {
  Ipv4Address address;
  std::uint16_t port = 0;  // host order

  std::string to_string() const;  // "10.0.0.1:8003"
  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace penstock
