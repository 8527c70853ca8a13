// Sends a workload through the TX ring of an AF_XDP socket in copy mode: the kernel makes an skb of each
// frame and hands it to the driver past the qdisc. For comparing senders, and for drivers whose zero-copy
// mode is reached by the same rings.
//
// Paced by paced_loop.h. A frame counts as sent when the kernel has taken its descriptor off the TX ring; the
// call returns when the kernel has given every frame back, which for veth is when the receiver has freed it.
// Whether the device sent as much is for the caller to compare.
//
// The sending queue is queue 0, and so is the receiver's over veth. Thread safety: one call, one thread; one
// call at a time through an interface, which must have no other AF_XDP socket on queue 0. Needs CAP_NET_RAW.
#pragma once

#include "engine/base/result.h"
#include "sim/replay/report.h"

namespace penstock {

// Fails before the first frame for what look_at_interface() and check_frames_fit() say (a frame is at most a
// chunk of UMEM), or when the socket cannot be opened.
Result<ReplayReport> replay_xdp_tx(const ReplayConfig& config, const Workload& workload);

}  // namespace penstock
