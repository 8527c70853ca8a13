// What was measured in a path's turn, into its result: CPU time a frame, latency beside the machine's stalls,
// and how long the engine's thread waited for a CPU, with what that excuses.
//
// Thread safety: as path_run.h, for which alone it is.
#pragma once

#include <vector>

#include "engine/base/latency_histogram.h"
#include "sim/machine/cpu_time.h"
#include "sim/machine/cpu_waits.h"
#include "sim/replay/report.h"
#include "sim/scenario/path_run.h"

namespace penstock {

struct TurnFacts {
  const ReplayReport& sent;
  CpuUse use{};                  // of the machine while it was sent
  std::vector<CpuWait> waits{};  // of the engine's thread, in the whole turn
  LatencyHistogram ages{};       // of the datagrams, where they are stamped
};

// After the engine has ended. REQUIRES: run.result says what was offered and lost. Takes up to a second where
// latency is asked for.
void note_measures(const PathRunConfig& config, const Workload& workload, const TurnFacts& facts,
                   PathRun& run);

}  // namespace penstock
