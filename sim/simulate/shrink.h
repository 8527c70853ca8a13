// Makes a failing plan smaller while it still fails in the same way: what comes behind the failure goes, then
// whole kinds of faults, then events in ever smaller pieces (delta debugging, Zeller and Hildebrandt 2002),
// then oddities of the rings.
//
// Thread safety: as isolated.h.
#pragma once

#include <functional>
#include <string>

#include "engine/base/result.h"
#include "sim/simulate/run.h"

namespace penstock {

struct Shrunk {
  SimPlan plan;
  std::string violation;
  int tries = 0;
};

// Runs a plan and says what came of it; run_isolated(), or a test's own.
using SimTry = std::function<Result<SimOutcome>(const SimPlan& plan)>;

// `failed`: what came of `plan`. Errors: those of `run`.
Result<Shrunk> shrink(const SimPlan& plan, const SimOutcome& failed, const SimTry& run);

}  // namespace penstock
