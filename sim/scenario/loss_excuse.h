// Whether a loss may be the machine's: other programs had the engine's core for longer than its ring lasts.
// Such a run proves nothing; it is invalid.
//
// What is measured decides, not what is plausible. While the engine's thread waits for a CPU (or a hypervisor
// has taken it) frames fill its ring. What it lost for want of room in the ring is the machine's to explain
// as far as that goes: for each stretch of waiting the frames that were due in it at most, less the ring's
// places. On a machine that gives the engine its core that is nothing, and each loss is the engine's.
//
// Thread safety: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/machine/cpu_waits.h"
#include "sim/replay/schedule.h"

namespace penstock {

struct LossFacts {
  std::uint64_t lost = 0;           // rx_ring_full and rx_dropped, and no other engine cause lost anything
  std::uint64_t ring = 0;           // places
  std::vector<CpuWait> waits{};     // of the engine's thread, while the workload was sent
  Nanoseconds stolen = 0;           // by a hypervisor meanwhile, of one CPU: counts with the longest of them
  Nanoseconds sender_lateness = 0;  // how late a frame was at most: then more come at once
};

// Most of the workload's frames that are due within any time of that length. `frames`: how many it has.
std::uint64_t most_due(const Schedule& schedule, std::size_t frames, Nanoseconds window);

// What the machine did, in a sentence, if that explains all that was lost; else empty.
std::string excuse_of(const LossFacts& facts, const Schedule& schedule, std::size_t frames);

}  // namespace penstock
