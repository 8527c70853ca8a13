// Runs a plan: the engine's own receive code over the simulated NIC, one thread, virtual time.
//
//   faults phase     the plan's events, one after the other; the checkers look at every step
//   liveness phase   every fault heals; what is in flight drains; then some good datagrams come, slowly, and
//                    each must get through
//
// Checked: law 3 after every step of either side (frame_book.h); law 1 by every datagram and frame that comes
// out (judge.h); law 2 after every event, and every account whenever an engine goes and at the end; liveness.
// The first violation ends the run. A CHECK of the engine's ends the process: isolated.h lives with that.
//
// Deterministic: equal plans give equal outcomes, digest included.
//
// Thread safety: pure functions; as many at once as you like.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/simulate/plan.h"

namespace penstock {

struct SimOutcome {
  std::uint64_t digest = 0;     // of every step's effects, in order
  std::string violation;        // empty: all laws held
  std::uint64_t events = 0;     // of the plan, that happened
  std::uint64_t steps = 0;      // of either side of the rings
  std::uint64_t arrived = 0;    // at the NIC
  std::uint64_t delivered = 0;  // to the consumer
  std::uint64_t host = 0;       // passed or returned
  std::uint64_t lost = 0;       // under a name
  Nanoseconds time = 0;         // virtual

  bool held() const { return violation.empty(); }
  bool operator==(const SimOutcome&) const = default;
};

SimOutcome run_plan(const SimPlan& plan);

}  // namespace penstock
