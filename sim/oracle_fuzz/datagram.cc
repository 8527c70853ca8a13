// Text and multiset arithmetic.
#include "sim/oracle_fuzz/datagram.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

namespace penstock {
namespace {

constexpr std::size_t kPrefixBytes = 12;
constexpr std::size_t kShownBytes = 16;

constexpr std::array<std::uint8_t, kPrefixBytes> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string endpoint_text(const Ipv6Address& address, std::uint16_t port) {
  if (!std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin()))
    return fmt::format("[{}]:{}", address.to_string(), port);
  Ipv4Address ipv4;
  std::copy(address.bytes.begin() + kPrefixBytes, address.bytes.end(), ipv4.bytes.begin());
  return Endpoint{ipv4, port}.to_string();
}

}  // namespace

bool Datagram::is_ipv4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), destination.bytes.begin());
}

std::string Datagram::to_string() const {
  std::string text = fmt::format("{} > {}, {} bytes", endpoint_text(source, source_port),
                                 endpoint_text(destination, destination_port), payload.size());
  if (!payload.empty()) text += ' ';
  for (std::size_t i = 0; i < std::min(payload.size(), kShownBytes); ++i)
    text += fmt::format("{:02x}", std::to_integer<unsigned>(payload[i]));
  if (payload.size() > kShownBytes) text += "...";
  return text;
}

Ipv6Address mapped(Ipv4Address address) {
  Ipv6Address ipv6;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), ipv6.bytes.begin());
  std::copy(address.bytes.begin(), address.bytes.end(), ipv6.bytes.begin() + kPrefixBytes);
  return ipv6;
}

Datagram make_datagram(const Endpoint& source, const Endpoint& destination,
                       std::span<const std::byte> payload) {
  return {.source = mapped(source.address),
          .destination = mapped(destination.address),
          .source_port = source.port,
          .destination_port = destination.port,
          .payload = {payload.begin(), payload.end()}};
}

MultisetDifference difference(std::vector<Datagram> wanted, std::vector<Datagram> found) {
  std::sort(wanted.begin(), wanted.end());
  std::sort(found.begin(), found.end());
  MultisetDifference result;
  std::set_difference(wanted.begin(), wanted.end(), found.begin(), found.end(),
                      std::back_inserter(result.missing));
  std::set_difference(found.begin(), found.end(), wanted.begin(), wanted.end(),
                      std::back_inserter(result.extra));
  return result;
}

}  // namespace penstock
