// What a network device counts, whatever its driver: the device's half of law 2.
//
// The kernel's own interface statistics (`ip -s link`) have the same names everywhere and nearly the same
// meaning. What else an account needs is summed from the driver's counters (`ethtool -S`) by the table in
// driver_counters.h; what a driver does not count is unknown, with the name of what is missing.
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
// Thread safety: a reader belongs to one thread; PortCounters are values.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/topology/count.h"
#include "sim/topology/ethtool.h"
#include "sim/topology/link.h"
#include "sim/topology/netns.h"

namespace penstock {

struct PortCounters {
  // Of the kernel's interface statistics: every device has them.
  std::uint64_t rx_packets = 0;
  std::uint64_t tx_packets = 0;
  std::uint64_t rx_dropped = 0;
  std::uint64_t tx_dropped = 0;
  std::uint64_t rx_otherhost = 0;  // IPv4 and IPv6 for another station's MAC, dropped by the stack
  // Of the driver, or unknown.
  Count xdp_packets{};      // frames that came as far as a native XDP program, or would have
  Count xdp_redirect{};     // of these: redirected, and the target took them
  Count xdp_drops{};        // of these: XDP_DROP or XDP_ABORTED
  Count rx_drops{};         // of these: the redirect's target refused
  Count xdp_tx{};           // of these: sent back by XDP_TX
  Count xdp_tx_errors{};    // of these: XDP_TX failed
  Count xdp_xmit{};         // frames redirected out of this end
  Count xdp_xmit_errors{};  // redirects out of this end that failed
  Count sent{};             // frames that left: those of the stack and those of xdp_xmit
  Count nic_drop{};         // frames that arrived and found no room in the device's rings

  // What was counted since `before`.
  PortCounters since(const PortCounters& before) const;
  // Another device's, for the sum of several.
  PortCounters& operator+=(const PortCounters& other);
  bool operator==(const PortCounters&) const = default;
};

class PortCounterReader {
 public:
  static Result<PortCounterReader> open(const NetNamespace& ns, const std::string& interface);

  Result<PortCounters> read() const;

  // How long a frame may have been there before its device counts it: two equal readings prove rest only if
  // they are further apart.
  Nanoseconds settling() const { return settling_; }

 private:
  PortCounterReader(std::string interface, LinkReader link, Ethtool device, std::string driver,
                    Nanoseconds settling)
      : interface_(std::move(interface)),
        link_(std::move(link)),
        device_(std::move(device)),
        driver_(std::move(driver)),
        settling_(settling) {}

  std::string interface_;
  LinkReader link_;
  Ethtool device_;
  std::string driver_;
  Nanoseconds settling_ = 0;
};

}  // namespace penstock
