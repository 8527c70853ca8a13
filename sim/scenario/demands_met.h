// Whether what a plan demands is there before anything is made for it.
//
// Thread safety: functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "sim/scenario/scenario_run.h"

namespace penstock {

struct UnmetDemand {
  std::string_view key{};  // of [demand]; empty: what is asked for stands elsewhere
  std::string what{};      // that the topology has not, and why
};

// The first demand that the plan's topology, of whatever make, cannot meet. A lab's ports have limits of
// their own (NicLab::meets()).
std::optional<UnmetDemand> unmet_demand(const RunPlan& plan);

// The error of a plan that is refused: "FILE:LINE:COLUMN: the topology ring does not offer ...", the place as
// far as it is known.
tl::unexpected<Error> refuse(const RunPlan& plan, const UnmetDemand& unmet);

// Errors: what the plan asks for and no turn over veth, or over the plan's lab, has, by name.
Status check_demands(const RunPlan& plan);

}  // namespace penstock
