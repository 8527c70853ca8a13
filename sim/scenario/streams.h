// Numbered datagrams to ports that come and go: what a port's listing can be held to, datagram by datagram.
//
// They come from 198.20.0.1, which nothing else in a workload does, and their payload begins with a number
// (64 bits, little-endian) that no other datagram of the workload has: its place in plan_streams().
//
// Thread safety: pure functions over their arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/packet/address.h"
#include "sim/scenario/workload_spec.h"
#include "sim/workload/workload.h"

namespace penstock {

inline constexpr Ipv4Address kStreamSource{{198, 20, 0, 1}};

// One datagram of a stream.
struct StreamDatagram {
  Nanoseconds at = 0;  // of the workload's time
  std::uint16_t port = 0;
  std::size_t bytes = 0;  // of the payload
};

// The datagrams of all streams, each at the place of its number.
std::vector<StreamDatagram> plan_streams(std::span<const StreamSpec> streams);

// Adds them to the workload and sorts it.
void add_streams(std::span<const StreamDatagram> datagrams, Workload* workload);

// The number of a frame of a stream; nothing for any other frame.
std::optional<std::uint64_t> stream_number(std::span<const std::byte> frame);
// The same of a datagram's payload.
std::optional<std::uint64_t> stream_number(Ipv4Address source, std::span<const std::byte> payload);

}  // namespace penstock
