// Runs plans in child processes: a CHECK of the engine's, or worse, ends the child, and becomes the violation
// of that one run. So does a run that does not come to its end.
//
// Thread safety: none; the caller must be a process of one thread, since it forks.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/base/result.h"
#include "sim/simulate/run.h"

namespace penstock {

// A run takes about a millisecond. One that takes so long will never end.
inline constexpr unsigned kHangSeconds = 60;

// One plan. Errors: fork and the like.
Result<SimOutcome> run_isolated(const SimPlan& plan);

// The plans of the seeds first, ..., first + count - 1, by `jobs` processes at once, in any order. `done` is
// called in this process, for each; when it returns false the rest is left undone.
struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
};
Status run_seeds(const SeedRange& seeds, unsigned jobs,
                 const std::function<bool(std::uint64_t seed, const SimOutcome& outcome)>& done);

}  // namespace penstock
