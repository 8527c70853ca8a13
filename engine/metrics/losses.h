// Which counters mean that something of ours was lost, in the engine or in the kernel in front of it, each
// under the name that a reader finds in docs/counters.md.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/metrics/counters.h"

namespace penstock {

struct Loss {
  std::string cause;  // "rx_ring_full", "overrun{consumer=\"sink\"}"
  std::uint64_t frames = 0;
};

// Every cause, in the order of the way of a packet; those with 0 too.
std::vector<Loss> losses(const CounterSnapshot& counters);

// Their sum.
std::uint64_t lost_frames(const CounterSnapshot& counters);

}  // namespace penstock
