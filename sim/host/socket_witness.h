// Do the host's sockets see the original interface? Four ordinary sockets of the receiver's host, none of
// them on a port of the engine:
//
//   UDP with IP_PKTINFO            the datagram says the index of the interface that it came by
//   UDP with SO_BINDTODEVICE       bound to that interface, and given the datagram
//   TCP with SO_BINDTODEVICE       listening on that interface, and given the connection and its bytes
//   UDP bound to another device    given nothing, or binding to a device would prove nothing
//
// Needs root (CAP_NET_RAW for SO_BINDTODEVICE). Thread safety: any thread.
#pragma once

#include "engine/base/result.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

// Errors name the socket and what it saw instead.
Status check_sockets(const LinkedHosts& topology);

}  // namespace penstock
