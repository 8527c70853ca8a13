// From events to calls on the engine and its surroundings.
#include "sim/simulate/run.h"

#include <memory>
#include <utility>

#include "sim/simulate/life.h"

namespace penstock {

SimOutcome run_plan(const SimPlan& plan) {
  SimFrames frames(plan.seed);
  SimDigest digest;
  SimOutcome outcome;
  Status status;
  for (std::size_t next = 0; status;) {
    const Nanoseconds epoch = next == 0 ? 0 : plan.events[next - 1].at;
    Result<std::unique_ptr<SimLife>> life = SimLife::begin(plan, epoch, digest);
    if (!life) {
      status = tl::unexpected(life.error());
      break;
    }
    status = (*life)->live(frames, &next);
    const bool last = next == plan.events.size();
    if (status) status = (*life)->end(frames, last ? SimLife::kProbes : 0);
    (*life)->add_to(outcome);
    outcome.events = next;
    if (last) break;
  }
  if (!status) outcome.violation = status.error().message();
  outcome.digest = digest.value();
  return outcome;
}

}  // namespace penstock
