// What a run over veth and one over the simulated ring do alike. For scenario_run.cc and ring_run.cc only.
// Thread safety: as their callers.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/path_run.h"
#include "sim/scenario/result.h"
#include "sim/scenario/scenario_run.h"

namespace penstock {

void append(std::vector<Check>& to, std::vector<Check> more);

// Borrows `progress`.
PathProgress sending_progress(const RunProgress& progress, const std::string& who);

// What the runs of all the plan's paths have in common.
PathRunConfig config_of(const RunPlan& plan);

}  // namespace penstock
