// The headers that frames of a workload share, and putting a built frame into a workload.
// Thread safety: pure functions over their arguments.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/clock.h"
#include "engine/packet/address.h"
#include "engine/packet/frame_builder.h"
#include "sim/workload/workload.h"

namespace penstock {

// Shortest frame that a card delivers: 64 bytes on the wire without the FCS. veth would also carry
// shorter ones, but a workload should be the same on both.
inline constexpr std::size_t kMinFrameBytes = 60;

EthernetHeader link_header(const LinkAddresses& link);

// From `source` to the link's receiver, as Linux sends UDP: TTL 64 less a few hops, DF set.
Ipv4Header ip_header(const LinkAddresses& link, Ipv4Address source, std::uint16_t id);

// Builds into the workload's memory, padded with zeros to kMinFrameBytes.
void add_frame(Nanoseconds at, FrameKind kind, FrameBuilder& builder, Workload* workload,
               const FrameOrigin& origin = {});

// A UDP datagram to `port` of the receiver.
void add_datagram(Nanoseconds at, FrameKind kind, const Endpoint& source, std::uint16_t port,
                  std::uint16_t ip_id, std::span<const std::byte> payload, Workload* workload,
                  const FrameOrigin& origin = {});

}  // namespace penstock
