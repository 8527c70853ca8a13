// Sends a workload through an AF_PACKET socket: the plain way, good for some hundreds of thousands of
// frames a second. Faster senders beside it take the same workload.
//
// Frames leave in order of time, at most `burst` at once, since a veth receive ring has 256 slots. Between
// bursts the sender sleeps (clock_nanosleep) until shortly before the next frame is due and spins the rest;
// a frame is never sent before it is due. What the kernel refuses for lack of room (EAGAIN, ENOBUFS) was not
// sent: it is counted and tried again, and after some seconds without any progress it is an error.
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
