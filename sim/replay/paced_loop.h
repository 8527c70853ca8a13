// The loop of the senders that make system calls: frames in order of time, at most a burst at once, none
// before it is due. Between bursts it sleeps (clock_nanosleep) until shortly before the next frame is due and
// spins the rest; with `napping` it only sleeps, and wakes as nap_until() says. What finds no room is counted
// and offered again; after some seconds without any progress that is an error.
//
// Thread safety: one call, one thread.
#pragma once

#include <cstddef>
#include <string>

#include "engine/base/result.h"
#include "sim/replay/report.h"

namespace penstock {

// Where the frames go.
class FrameTaker {
 public:
  virtual ~FrameTaker() = default;

  // Takes some of the frames [first, first + count) of the workload, from the first on; count > 0. Returns
  // how many; 0: no room now, offer them again. May wait some milliseconds for room.
  virtual Result<std::size_t> take(std::size_t first, std::size_t count) = 0;
};

// `interface` is for messages. REQUIRES: frames in order of time, burst 1..kMaxSendBurst.
Result<ReplayReport> send_paced(const ReplayConfig& config, const Workload& workload,
                                const std::string& interface, FrameTaker& taker);

}  // namespace penstock
