// A run over the simulated ring: the workload through every path, laws 1 to 3, no privilege.
//
// Law 1 is checked as far as it goes here, against the sender's ledger; that Linux agrees with the ledger,
// and that nothing stays behind (law 4), are named as not checked.
#pragma once

#include "engine/base/result.h"
#include "sim/scenario/scenario_run.h"

namespace penstock {

// Adds to `result`. Errors: what the ring does not offer, by name, and what kept a path from its end.
Status run_over_ring(const RunPlan& plan, const Workload& workload, const RunProgress& progress,
                     RunResult& result);

}  // namespace penstock
