// ICMP port-unreachable messages about listed ports, among the frames that a receiver's host sends back: the
// sign that nobody held a port. A receiver that holds its ports never causes one.
//
// Source: RFC 792 (type 3, code 3, then the IP header and 8 bytes of the datagram that it is about). The
// kernel limits their rate (net.ipv4.icmp_msgs_per_sec, icmp_ratelimit): one missing proves nothing.
//
// Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace penstock {

class PortUnreachables {
 public:
  explicit PortUnreachables(std::vector<std::uint16_t> ports) : ports_(std::move(ports)) {}

  // Any frame of any length.
  void add(std::span<const std::byte> frame);

  std::uint64_t count() const { return count_; }

 private:
  std::vector<std::uint16_t> ports_;
  std::uint64_t count_ = 0;
};

}  // namespace penstock
