// Whether what a plan demands is there before anything is made for it.
//
// Thread safety: a function.
#pragma once

#include "engine/base/result.h"
#include "sim/scenario/scenario_run.h"

namespace penstock {

// Errors: what the plan asks for and no turn over veth, or over the plan's lab, has, by name.
Status check_demands(const RunPlan& plan);

}  // namespace penstock
