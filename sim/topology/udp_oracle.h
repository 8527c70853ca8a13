// The kernel as judge of what is ours: plain UDP sockets bound to the listed ports of the receiver.
//
// What these sockets are given, for the same frames and without any XDP program on the interface, is what
// each receive path must deliver (law 1). It is counted, not sampled: when the report is not complete the
// run is invalid.
//
// `drops` is the kernel's count at the sockets (the one that SO_RXQ_OVFL shows, read at the end through
// SO_MEMINFO, since the former comes only with a next datagram). It holds two causes: the buffer was full,
// and the UDP checksum was bad. Only HostCounters::udp_buffer_full and udp_bad_checksum tell them apart.
//
// Needs CAP_NET_ADMIN (SO_RCVBUFFORCE). Thread safety: start and stop from one thread; the callback runs on
// another, but never after stop() has returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "engine/base/result.h"
#include "engine/packet/address.h"
#include "sim/topology/netns.h"

namespace penstock {

class UdpOracle {
 public:
  // The payload is valid during the call.
  using Callback = std::function<void(const Endpoint& source, const Endpoint& destination,
                                      std::span<const std::byte> payload)>;

  struct Report {
    std::uint64_t received = 0;   // datagrams given to the callback
    std::uint64_t drops = 0;      // buffer full or checksum bad
    std::uint64_t truncated = 0;  // longer than IPv4 allows: never, or the code is wrong
  };

  static constexpr int kBufferBytes = 64 << 20;  // a socket; room for more than 30,000 shreds

  // One socket a port, on every address of the namespace.
  static Result<UdpOracle> start(const NetNamespace& ns, std::span<const std::uint16_t> ports,
                                 Callback callback, int buffer_bytes = kBufferBytes);

  UdpOracle(UdpOracle&&) noexcept;
  ~UdpOracle();

  // Takes what has arrived so far and ends. Call it after quiesce, once.
  Result<Report> stop();

 private:
  struct Sockets;

  explicit UdpOracle(std::unique_ptr<Sockets> sockets);

  std::unique_ptr<Sockets> sockets_;
};

}  // namespace penstock
