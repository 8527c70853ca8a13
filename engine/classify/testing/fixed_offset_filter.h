// The userspace filter of the original comparison, as a reference model: the UDP header is taken to begin
// at byte 14 + 20, the destination port is read at + 2, and nothing else is looked at. docs/classifier.md
// shows which frames it gets wrong. Source: shared/reference/original-comparison.md, "The two designs".
//
// Thread safety: a pure function over its arguments.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/packet/byte_order.h"

namespace penstock {

// The payload of a frame that it takes: all the rest of the frame. Nothing for a frame that it passes.
inline std::optional<std::span<const std::byte>> fixed_offset_payload(std::span<const std::byte> frame,
                                                                      std::span<const std::uint16_t> ports) {
  constexpr std::size_t kUdpOffset = 14 + 20;
  constexpr std::size_t kLeast = kUdpOffset + 8;
  if (frame.size() < kLeast) return std::nullopt;
  const std::uint16_t port = load_be16(&frame[kUdpOffset + 2]);
  if (std::find(ports.begin(), ports.end(), port) == ports.end()) return std::nullopt;
  return frame.subspan(kLeast);
}

}  // namespace penstock
