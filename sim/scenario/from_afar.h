// Runs whose sender is on another host: what they cannot have, and the connection.
//
// Thread safety: from one thread.
#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "sim/remote/remote_sender.h"
#include "sim/scenario/scenario_run.h"
#include "sim/workload/workload.h"

namespace penstock {

// What the plan asks for and nobody can do from afar; empty: nothing.
std::string unmet_from_afar(const RunPlan& plan);

// Has the remote sender of the plan's lab make the workload, and `turn` use it: it must live as long. Errors:
// also a workload that is not `workload`.
Result<std::unique_ptr<RemoteSender>> connect_from_afar(const RunPlan& plan, const Workload& workload,
                                                        TurnConfig& turn);

}  // namespace penstock
