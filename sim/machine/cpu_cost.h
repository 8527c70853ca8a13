// What a packet costs: CPU time of the whole machine while a workload was received, less what it took to send
// the same workload to a program that drops it. And whether that means anything.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/machine/cpu_time.h"

namespace penstock {

// A cost is given when its standard deviation is at most this part of it ...
inline constexpr double kMostDeviation = 0.1;
// ... and others than this process had at most this part of the CPU time, in either stretch.
inline constexpr double kMostByOthers = 0.1;

struct CpuCost {
  std::optional<double> nanoseconds{};  // a packet; empty: it would mean nothing
  double deviation = 0;                 // of it
  std::string why_not{};                // in a few words, when it is empty
};

// `received` and `sent_only`: the same `packets` packets in both.
CpuCost cost_a_packet(const CpuUse& received, const CpuUse& sent_only, std::uint64_t packets);

}  // namespace penstock
