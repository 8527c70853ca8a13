// What a frame of a workload is, from the sender's point of view. A label for counting: whether a
// receiver gets the frame's payload is decided by the oracle (oracle.h), not by the label.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock {

enum class FrameKind : std::uint8_t {
  kShred,           // a Turbine shred on the TVU port
  kJunk,            // random bytes on the TVU port
  kGossip,          // UDP to the gossip port
  kQuic,            // UDP to the TPU's QUIC port
  kVote,            // UDP to the vote ports
  kRepairResponse,  // a shred and a nonce, to the repair port
  kRepairPing,      // UDP to the repair port
  kServeRepair,     // a repair request, to the serve-repair port
  kOtherPort,       // UDP to a port that nobody listens on
  kTcp,
  kArp,
  kIcmp,      // echo request
  kHostile,   // built to be malformed or odd (hostile.h)
  kImpaired,  // was another kind before an impairment changed its bytes (impairments.h)
  kCaptured,  // from a capture file
};

inline constexpr std::size_t kFrameKinds = 15;

inline constexpr std::array<std::string_view, kFrameKinds> kFrameKindNames = {
    "shred",      "junk", "gossip", "quic", "vote",    "repair_response", "repair_ping", "serve_repair",
    "other_port", "tcp",  "arp",    "icmp", "hostile", "impaired",        "captured"};

static_assert(static_cast<std::size_t>(FrameKind::kCaptured) + 1 == kFrameKinds);

constexpr std::size_t index_of(FrameKind kind) {
  return static_cast<std::size_t>(kind);
}
constexpr std::string_view name_of(FrameKind kind) {
  return kFrameKindNames[index_of(kind)];
}

}  // namespace penstock
