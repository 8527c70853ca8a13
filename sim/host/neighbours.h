// ARP and IPv6 neighbour discovery between the two ends of a topology, as the kernels do them.
//
// A fresh topology (topology/linked_hosts.h) knows its neighbours for good and speaks no IPv6. speak_ipv6()
// and forget_neighbours() undo both, from when on the two hosts speak unasked.
//
// Needs root. Thread safety: one thread at a time.
#pragma once

#include "engine/base/result.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

// Addresses of the documentation prefix, valid at once: without duplicate address detection.
inline constexpr char kSenderIpv6[] = "2001:db8::1";
inline constexpr char kReceiverIpv6[] = "2001:db8::2";

Status speak_ipv6(const LinkedHosts& topology);

// Both ends forget each other in both families, permanent entries too.
Status forget_neighbours(const LinkedHosts& topology);

// In both families and both directions: one end forgets the other and pings it, and must then have it as
// REACHABLE at the right MAC. So each end's requests and answers go through the other's interface. Errors
// name the direction, the family and what `ip neighbour` shows.
Status check_neighbours(const LinkedHosts& topology);

}  // namespace penstock
