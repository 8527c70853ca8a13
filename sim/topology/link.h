// What the kernel says about one network interface, read by rtnetlink (RTM_GETLINK), never from text.
//
// Thread safety: read and wait from any thread that does not share the socket.
#pragma once

#include <linux/if_link.h>

#include <cstdint>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/packet/address.h"
#include "sim/topology/netns.h"

namespace penstock {

struct LinkState {
  unsigned index = 0;
  std::string alias{};
  MacAddress mac{};
  std::uint32_t mtu = 0;
  std::uint32_t rx_queues = 0;
  std::uint32_t tx_queues = 0;
  bool administratively_up = false;
  // The operational state is up and a qdisc is in place. Until then (the kernel works this off some
  // time after the carrier comes) frames are dropped uncounted.
  bool ready = false;
  rtnl_link_stats64 statistics{};  // as `ip -s link` shows them
};

// A netlink socket of one namespace. Not for several threads at once.
class LinkReader {
 public:
  static Result<LinkReader> open(const NetNamespace& ns);

  Result<LinkState> read(const std::string& interface) const;

 private:
  explicit LinkReader(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

// Sleeps until `interface` is ready, woken by the kernel's link messages. Fails with ETIMEDOUT.
Status wait_until_ready(const NetNamespace& ns, const std::string& interface, Nanoseconds timeout);

}  // namespace penstock
