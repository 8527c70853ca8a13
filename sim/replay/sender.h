// Sends a workload through an AF_PACKET socket: the plain way, good for some hundreds of thousands of
// frames a second. Faster senders beside it take the same workload.
//
// Paced by paced_loop.h. What the kernel refuses for lack of room (EAGAIN, ENOBUFS) was not sent: it is
// counted and tried again.
//
// Frames carry kGeneratorMark, by which the host's own frames are told from them on the way out
// (sim/topology/host_frames.h). They go through the qdisc: PACKET_QDISC_BYPASS would choose the TX queue by
// CPU instead of by flow.
//
// With a second interface (ReplayConfig::second_ifindex) flows are split over both.
//
// The report counts what the kernel took. Whether the device sent as much is for the caller to compare: a
// veth that drops a frame tells its counters, not the socket.
//
// Thread safety: one call, one thread, any number of calls at a time. Needs CAP_NET_RAW in the namespace.
#pragma once

#include "engine/base/result.h"
#include "sim/replay/report.h"

namespace penstock {

// Fails before the first frame for what look_at_interface() and check_frames_fit() say (interface.h); later
// on any error but the two above.
Result<ReplayReport> replay_packets(const ReplayConfig& config, const Workload& workload);

}  // namespace penstock
