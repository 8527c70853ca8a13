// What the two ends of a veth pair count, summed over queues: the device's half of law 2.
//
// How the veth driver counts (drivers/net/veth.c of Linux 6.12; the first two lines and the last are
// tested here and in redirect_errors_test):
//   * A frame that the receiver's NAPI takes from its ring (native XDP, or GRO on) is counted there and
//     then: as xdp_packets at the receiver, whether or not a program is attached, and through that as
//     tx_packets of the sender. Frames still in the ring are counted nowhere: read after quiesce.
//   * Without NAPI a frame goes straight into the host's backlog; both ends count it in packets only.
//   * A full ring: an skb raises tx_dropped of the sender; a redirected frame raises the sender's
//     xdp_xmit_errors, and through that tx_dropped of the sender and rx_dropped of the receiver.
//   * A redirect that the AF_XDP socket refuses raises rx_drops of the receiver, and with it rx_dropped.
//
// Thread safety: a reader belongs to one thread; VethCounters are values.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"
#include "sim/topology/ethtool.h"
#include "sim/topology/link.h"
#include "sim/topology/netns.h"

namespace penstock {

struct VethCounters {
  // Of the kernel's interface statistics (`ip -s link`).
  std::uint64_t rx_packets = 0;
  std::uint64_t tx_packets = 0;
  std::uint64_t rx_dropped = 0;
  std::uint64_t tx_dropped = 0;
  std::uint64_t rx_otherhost = 0;  // IPv4 and IPv6 for another station's MAC, dropped by the stack
  // Of the driver (`ethtool -S`).
  std::uint64_t xdp_packets = 0;      // frames taken by NAPI
  std::uint64_t xdp_redirect = 0;     // of these: redirected, and the target took them
  std::uint64_t xdp_drops = 0;        // of these: XDP_DROP or XDP_ABORTED
  std::uint64_t rx_drops = 0;         // of these: the redirect's target refused
  std::uint64_t xdp_tx = 0;           // of these: sent back by XDP_TX
  std::uint64_t xdp_tx_errors = 0;    // of these: XDP_TX failed
  std::uint64_t xdp_xmit = 0;         // frames redirected out of this end
  std::uint64_t xdp_xmit_errors = 0;  // redirects out of this end that failed

  // What was counted since `before`.
  VethCounters since(const VethCounters& before) const;
  bool operator==(const VethCounters&) const = default;
};

class VethCounterReader {
 public:
  static Result<VethCounterReader> open(const NetNamespace& ns, const std::string& interface);

  Result<VethCounters> read() const;

 private:
  VethCounterReader(std::string interface, LinkReader link, Ethtool driver)
      : interface_(std::move(interface)), link_(std::move(link)), driver_(std::move(driver)) {}

  std::string interface_;
  LinkReader link_;
  Ethtool driver_;
};

}  // namespace penstock
