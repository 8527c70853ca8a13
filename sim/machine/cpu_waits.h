// How long a thread that has work waits for a CPU that others have: run_delay of its
// /proc/thread-self/schedstat (Documentation/scheduler/sched-stats.rst), looked at by the thread itself
// whenever a round of its loop took a millisecond and more. Shorter waits are not looked for.
//
// A *stretch* is the time in which it never found itself without work: what it waits in one stretch adds up,
// since whatever fills its ring meanwhile is still there.
//
// What a hypervisor takes is not among it: see CpuUse::stolen.
//
// Thread safety: none; the thread that is looked at, and whoever has joined it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/unique_fd.h"

namespace penstock {

struct CpuWait {
  Nanoseconds since = 0,
              until = 0;   // CLOCK_MONOTONIC: from the first wait of a stretch to the end of its last
  Nanoseconds waited = 0;  // together
  bool operator==(const CpuWait&) const = default;
};

class CpuWaits {
 public:
  // A round that took less is not looked at.
  static constexpr Nanoseconds kLongRound = kMillisecond;
  // No more stretches than that are kept: the first ones.
  static constexpr std::size_t kMostStretches = 4'096;

  // Of the calling thread. On a kernel without such a file it never waits.
  CpuWaits();
  // `run_delay` is what it has waited so far, as often as it is asked.
  explicit CpuWaits(std::function<Nanoseconds()> run_delay);

  // Once a round of the loop.
  void round(Nanoseconds now);
  // There was no work: the stretch has ended.
  void caught_up();

  // Stretches in which it waited, in order; the one that is not over is the last.
  std::vector<CpuWait> finish() &&;

 private:
  std::function<Nanoseconds()> run_delay_;
  Nanoseconds last_round_ = 0;
  Nanoseconds seen_ = 0;
  CpuWait stretch_{};
  std::vector<CpuWait> stretches_;
};

}  // namespace penstock
