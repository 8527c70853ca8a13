// One receive path's turn over the simulated ring (sim/nic_model): the counterpart of run_path(), without
// privilege, in one thread and in virtual time. The same numbers come out, under the same names.
//
// What it is evidence about: rings, frames and faults. Not sameness: who is ours is judged by the engine's
// own classifier on both sides, and nobody asks Linux (docs/architecture.md, laws).
#pragma once

#include <string>

#include "engine/base/result.h"
#include "sim/scenario/path_run.h"
#include "sim/workload/ledger.h"
#include "sim/workload/workload.h"

namespace penstock {

// What a turn asks for and the ring has not, in words; empty: nothing. `ledger` is the workload's: what only
// a host's stack could hand to the companion socket is asked for too.
std::string unmet_over_ring(const TurnConfig& turn, const Ledger& ledger);

// Law 3 is checked after every step; a violation is an error. Errors: also the engine's own.
// REQUIRES: nothing is unmet, and no step is about a port.
Result<PathRun> run_ring_path(const PathRunConfig& config, const Workload& workload);

}  // namespace penstock
