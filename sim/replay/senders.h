// The senders by name: one workload, one report, several ways to the wire.
//
//   af_packet    a packet socket (sender.h): up to some 200,000 frames a second
//   live_frames  an XDP program in the kernel (live_sender.h): millions
//   xdp_tx       the TX ring of an AF_XDP socket (xdp_tx_sender.h)
//
// Thread safety: as the senders'.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/result.h"
#include "sim/replay/report.h"

namespace penstock {

enum class SenderKind : std::uint8_t { kAfPacket, kLiveFrames, kXdpTx };

// By SenderKind.
inline constexpr std::array<std::string_view, 3> kSenderNames = {"af_packet", "live_frames", "xdp_tx"};

constexpr std::string_view name_of(SenderKind kind) {
  return kSenderNames[static_cast<std::size_t>(kind)];
}

// Whether a veth peer without XDP needs GRO on to be given this sender's frames.
constexpr bool needs_napi(SenderKind kind) {
  return kind == SenderKind::kLiveFrames;
}

Result<ReplayReport> replay(SenderKind kind, const ReplayConfig& config, const Workload& workload);

}  // namespace penstock
