// Reading and writing of MAC, IPv4 and IPv6 addresses.
#include "engine/packet/address.h"

#include <arpa/inet.h>

#include <bit>
#include <string>

#include <fmt/format.h>

namespace penstock {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Result<MacAddress> MacAddress::parse(std::string_view text) {
  constexpr std::size_t kTextLength = 17;
  const auto refuse = [&] {
    return fail(fmt::format("read MAC address \"{}\"", text), 0,
                "write six two-digit hexadecimal groups, as 02:00:00:00:00:01");
  };
  if (text.size() != kTextLength) return refuse();
  MacAddress mac;
  for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
    const int high = hex_digit(text[3 * i]);
    const int low = hex_digit(text[3 * i + 1]);
    const bool separated = i + 1 == mac.bytes.size() || text[3 * i + 2] == ':';
    if (high < 0 || low < 0 || !separated) return refuse();
    mac.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return mac;
}

std::string MacAddress::to_string() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2], bytes[3],
                     bytes[4], bytes[5]);
}

Result<Ipv4Address> Ipv4Address::parse(std::string_view text) {
  Ipv4Address address;
  const std::string terminated(text);  // a NUL inside the text must not hide what follows it
  const bool whole = terminated.find('\0') == std::string::npos;
  if (!whole || ::inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) != 1) {
    return fail(fmt::format("read IPv4 address \"{}\"", text), 0,
                "write four decimal numbers from 0 to 255, as 10.0.0.1");
  }
  return address;
}

Ipv4Address Ipv4Address::from_host(std::uint32_t host_order) {
  return from_network(htonl(host_order));
}

std::string Ipv4Address::to_string() const {
  return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

Result<Ipv6Address> Ipv6Address::parse(std::string_view text) {
  Ipv6Address address;
  const std::string terminated(text);
  const bool whole = terminated.find('\0') == std::string::npos;
  if (!whole || ::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) {
    return fail(fmt::format("read IPv6 address \"{}\"", text), 0,
                "write up to eight hexadecimal groups, as 2001:db8::1, without a zone");
  }
  return address;
}

std::string Ipv6Address::to_string() const {
  char text[INET6_ADDRSTRLEN];
  return ::inet_ntop(AF_INET6, bytes.data(), text, sizeof(text));
}

std::string Endpoint::to_string() const {
  return fmt::format("{}:{}", address.to_string(), port);
}

}  // namespace penstock
