// Sleeping, and asking again and again until something holds.
//
// Thread safety: these block the calling thread and touch nothing else.
#pragma once

#include "engine/base/clock.h"

namespace penstock {

// At least so long; a signal ends it sooner.
void sleep_for(Nanoseconds duration);

// Until CLOCK_MONOTONIC (MonotonicClock) is there; signals do not end it. At once when it was.
void sleep_until(Nanoseconds when);

// Asks `condition`, and again `between` after each answer that was false, until it holds or the time is
// over; its last answer. It is asked once more behind the time: a thread may lose its core for longer.
template <typename Condition>
[[nodiscard]] bool wait_until(Condition&& condition, Nanoseconds timeout,
                              Nanoseconds between = kMillisecond) {
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + timeout;
  while (clock.now() < deadline) {
    if (condition()) return true;
    sleep_for(between);
  }
  return condition();
}

}  // namespace penstock
