// The datagrams behind a batch by whose arrival its end is known (stage.h).
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/oracle_fuzz/datagram.h"
#include "sim/topology/veth.h"

namespace penstock {

enum class MarkKind : std::uint8_t { kFast, kSlow, kIpv6 };

// The frame of one mark of `batch`, to `port` of the receiver.
std::vector<std::byte> mark_frame(const VethTopology& topology, MarkKind kind, std::uint32_t batch,
                                  std::uint16_t port);

// The batch that a datagram is a mark of; nothing for all others.
std::optional<std::uint32_t> batch_of_mark(const Datagram& datagram);

}  // namespace penstock
