// When each frame of a workload is due, and whether a sender kept to it. Pure arithmetic: the senders
// share it, and it is tested without sending.
//
// Thread safety: immutable; borrows the frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/clock.h"
#include "sim/workload/workload.h"

namespace penstock {

enum class Pace {
  kWorkload,   // at the times that the workload says, bursts kept
  kFixedRate,  // evenly, at a rate of the caller's
  kFlatOut,    // as fast as the sender goes
};

// Most that a run may be off the rate it was asked for; beyond it the run is invalid.
inline constexpr std::int64_t kRateToleranceParts = 100;  // 1/100
// What the start and the end of a run may be off beside that, so that a run of a few frames can be judged.
inline constexpr Nanoseconds kRateGrace = kMillisecond;

// A sender that never spins wakes at multiples of kNap only, so that it wakes equally often whatever its core
// has to do between; what became due meanwhile leaves in bursts. No part of a tick (1, 4 or 10 ms): the
// kernel accounts CPU time by looking once a tick, and would see one that wakes in step always or never.
inline constexpr Nanoseconds kNap = 618 * kMicrosecond;

// When it wakes for a frame that is due then; `last` is when the last frame is due. Never before the frame is
// due, and not later than the last one.
Nanoseconds nap_until(Nanoseconds due, Nanoseconds last);

class Schedule {
 public:
  // `frames` in order of time, `loops` times over, which kWorkload cannot be. `pps` is for kFixedRate and
  // must not be 0 there.
  Schedule(std::span<const TimedFrame> frames, Pace pace, std::uint64_t pps, std::uint64_t loops = 1);

  // From the start of the run; never decreases with i. Always 0 when flat out.
  Nanoseconds due(std::size_t i) const;
  // From the first frame to the last, as asked for.
  Nanoseconds duration() const;
  // Whether a run that took `elapsed` from its first frame to its last missed the rate.
  bool missed(Nanoseconds elapsed) const;

 private:
  std::span<const TimedFrame> frames_;
  Pace pace_;
  std::uint64_t pps_;
  std::uint64_t loops_;
};

}  // namespace penstock
