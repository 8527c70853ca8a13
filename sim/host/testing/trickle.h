// Small datagrams from the sender's host to a port of the receiver's, about 1,500 a second, each with its
// number, until it is stopped: traffic that lasts as long as a test needs it.
//
// A send that fails (no route, interface down) is not counted and its number is sent again.
//
// Thread safety: sent() from any thread; the rest from one. Throws std::runtime_error when the thread cannot
// be started.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "engine/packet/address.h"
#include "sim/topology/veth.h"

namespace penstock {

class Trickle {
 public:
  Trickle(const VethTopology& topology, std::uint16_t port);

  std::uint64_t sent() const { return sent_; }
  // How many were sent. May be called again, to no effect.
  std::uint64_t stop();

 private:
  void run(const std::stop_token& token, const Ipv4Address& to, std::uint16_t port);

  std::atomic<std::uint64_t> sent_{0};
  std::jthread thread_;  // last, so that it ends before what it uses goes
};

}  // namespace penstock
