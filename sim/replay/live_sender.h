// Sends a workload as live frames: an XDP program (bpf/generator.bpf.c) run by BPF_PROG_TEST_RUN makes the
// frames inside the kernel and redirects them out of the interface. For rates beyond AF_PACKET's: millions of
// distinct frames a second, on one core.
//
// The frames are copied from a ring of slots that this side refills while the program runs (slot_ring.h), so
// that a workload may have any length. Each slot carries its frame's due time; the program waits for it, so
// bursts are kept. A sender that was kept from running catches up at about twice the workload's mean rate
// (bpf/generator.h), a frame is never sent early.
//
// What a veth peer must have: native XDP attached, or GRO on. Otherwise the kernel refuses every frame before
// the device, where nothing counts it. So the sending end's XDP features are looked at before the first
// frame, and after the last one the program's own count is compared with the device's: sent = xdp_xmit +
// xdp_xmit_errors + refused, and `refused` must be 0. It may also mean that something else redirected frames
// out of the interface meanwhile.
//
// Which RX queue of a veth peer: the sending CPU modulo their number, so pin (ReplayConfig::cpu) where it
// matters; every queue wants a sender on a CPU of its own (ReplayConfig::cpus). The core is busy for the
// whole run, and the peer's NAPI runs on it too.
//
// ReplayConfig::loops beyond 1: the frames stay in their slots and the program computes when each is due, so
// that this side costs nothing beside a receiver that is measured. The workload then has a power of two of
// frames, from kMaxSendBurst to the number of slots, and goes at a fixed rate or flat out. A few hundred
// frames stay in the sending core's cache; of some thousands each is fetched from further away, which takes
// longer than sending it. A workload of a single frame is not even copied: the kernel's pages hold it from
// the start, which is the fastest sender, as long as the receiver's program writes nothing into frames. Loops
// may be ended by the clock (ReplayConfig::at_most), which needs no guess of how fast the receiver is.
//
// ReplayReport::sent counts what the program redirected, `ring_full` how many of them the device had no room
// for. Thread safety: one call, one thread, any number of calls at a time, through different interfaces.
// Needs CAP_BPF and CAP_NET_ADMIN, and Linux 5.18.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "sim/replay/report.h"

namespace penstock {

// What a workload of more frames has: 64 MiB, 74 ms at 443,500 frames a second.
inline constexpr std::uint32_t kLiveSlots = 32'768;

// `slots`: a power of two, at least kMaxSendBurst. Fails before the first frame for what look_at_interface()
// and check_frames_fit() say, and when the peer is not ready; later on an error of the call, or after some
// seconds without progress.
Result<ReplayReport> replay_live(const ReplayConfig& config, const Workload& workload,
                                 std::uint32_t slots = kLiveSlots);

}  // namespace penstock
