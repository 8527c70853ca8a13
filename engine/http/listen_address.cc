// Text to sockaddr and back.
#include "engine/http/listen_address.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>
#include <netinet/in.h>

namespace penstock {
namespace {

constexpr const char* kForm = "write it as \"127.0.0.1:9184\" or \"[::1]:9184\"";

template <typename Sockaddr>
ListenAddress address_of(const Sockaddr& from) {
  ListenAddress to;
  std::memcpy(&to.address, &from, sizeof(from));
  to.length = sizeof(from);
  return to;
}

}  // namespace

Result<ListenAddress> ListenAddress::parse(std::string_view text) {
  const auto bad = [&](const char* what) { return fail(fmt::format("'{}': {}", text, what), 0, kForm); };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad("has no port");
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return bad("the port is no number to 65535");
  std::string host(text.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    host = host.substr(1, host.size() - 2);
    if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return bad("no IPv6 address in brackets");
    return address_of(v6);
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) return bad("no IPv4 address before the port");
  return address_of(v4);
}

std::string ListenAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = "?";
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof(v6));
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    return fmt::format("[{}]:{}", text, ntohs(v6.sin6_port));
  }
  sockaddr_in v4;
  std::memcpy(&v4, &address, sizeof(v4));
  inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
  return fmt::format("{}:{}", text, ntohs(v4.sin_port));
}

}  // namespace penstock
