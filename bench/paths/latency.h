// How old datagrams are when they reach the consumer, at steady loads: from the XDP program that makes them
// on the sender's core to the sink tile behind the net tile. In between are the kernel's redirect and its
// bulk queue, the veth, the receiver's program, the copy into the UMEM, the wake-up of a thread that sleeps,
// the engine. The sender writes the time into each frame (ReplayConfig::stamped), both sides read one clock.
//
// On a machine whose cores are taken away at times the tail is the machine's: `pause` beside it is the
// longest that a thread spinning on the receiver's core stood still in the same round, with nothing to
// receive.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bench/paths/comparison.h"
#include "bench/paths/trial.h"
#include "engine/base/latency_histogram.h"
#include "engine/base/result.h"

namespace penstock {

struct LatencyRun {
  Contestant contestant{};  // opened with SubjectConfig::latency
  std::uint64_t pps = 0;
  double of_ndr = 0;  // the share of NDR that this is; 0: a rate of the caller's
  Trial trial{};
  LatencyHistogram latency{};  // of all rounds
};

struct LatencyRuns {
  std::vector<LatencyRun> runs{};
  LatencyHistogram pauses{};  // of the spinning thread, of a microsecond and more
};

// Each of the contestants that `config` names at each of `rates`, config.rounds times in turns. Peers cannot
// say how old what they took was: errors name them.
Result<LatencyRuns> run_latency(const ComparisonConfig& config, std::span<const std::uint64_t> rates,
                                const std::function<void(const std::string&)>& progress);

// The runs that are planned in `runs`, on a stage that stamps.
Status run_latency_rounds(const Stage& stage, int rounds, Nanoseconds duration,
                          const std::function<void(const std::string&)>& progress, LatencyRuns& runs);

std::string to_table(const ComparisonConfig& config, const LatencyRuns& runs);
// The rows alone, the machine's last: percentiles, then how each is distributed, pauses by the same octaves.
std::string latency_table(const LatencyRuns& runs);

}  // namespace penstock
