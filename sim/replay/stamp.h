// The time at which a frame leaves, in the frame: ReplayConfig::stamped. CLOCK_MONOTONIC of this host in
// nanoseconds, 8 bytes, host order, at the frame's end, whatever the workload has there. A frame without room
// for it behind its Ethernet header stays as it is. The UDP checksum is not mended: a datagram that a
// socket is to take has none (drop_checksums() of sim/workload/sequence.h).
//
// Live frames are stamped by bpf/generator.bpf.c, by the same rule.
//
// Thread safety: no state.
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

#include "bpf/generator.h"
#include "engine/base/clock.h"

namespace penstock {

inline constexpr std::size_t kStampBytes = sizeof(Nanoseconds);
inline constexpr std::size_t kShortestStamped = PENSTOCK_SHORTEST_FRAME + kStampBytes;

// Writes it into the last bytes of `frame`.
inline void write_stamp(std::span<std::byte> frame, Nanoseconds now) {
  std::memcpy(frame.last<kStampBytes>().data(), &now, kStampBytes);
}

// Of a payload whose frame was stamped. Empty: it has no room for one.
inline std::optional<Nanoseconds> read_stamp(std::span<const std::byte> payload) {
  if (payload.size() < kStampBytes) return std::nullopt;
  Nanoseconds sent = 0;
  std::memcpy(&sent, payload.last<kStampBytes>().data(), kStampBytes);
  return sent;
}

}  // namespace penstock
