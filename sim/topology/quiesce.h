// Waiting for traffic to have ended: two equal snapshots of all counters, some time apart.
#pragma once

#include <errno.h>

#include <utility>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/wait.h"

namespace penstock {

// Calls `read` (which gives a Result of something comparable) every `interval` until two snapshots in a
// row are equal, and returns that. Fails as `read` does, or with ETIMEDOUT. The interval must be longer
// than a frame may rest where nobody counts it: a veth ring is emptied within a softirq, 10 ms is ample.
template <typename Read>
auto wait_for_quiesce(Read&& read, Nanoseconds timeout, Nanoseconds interval = 10 * kMillisecond)
    -> decltype(read()) {
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + timeout;
  auto before = read();
  while (before) {
    sleep_for(interval);
    auto now = read();
    if (now && *now == *before) break;
    before = std::move(now);
    if (clock.now() >= deadline) return fail("wait until counters stand still", ETIMEDOUT);
  }
  return before;
}

}  // namespace penstock
