// A UDP port of this host, held by a socket.
//
// Capabilities: none; CAP_NET_ADMIN for a buffer above net.core.rmem_max, CAP_NET_BIND_SERVICE for a port
// below 1024. Thread safety: functions.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

// An IPv4 UDP socket on `port` of every local address, with IP_PKTINFO and as large a buffer as asked.
// Errors: EADDRINUSE when another program has the port; a buffer that the kernel does not grant.
Result<UniqueFd> hold_udp_port(std::uint16_t port, std::uint32_t buffer_bytes);

// Whether another socket holds the port now: tried by a bind that is undone at once, the one way to ask that
// sees every kind of holder.
Result<bool> udp_port_is_held(std::uint16_t port);

}  // namespace penstock
