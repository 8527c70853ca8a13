// A thread that spins and looks at the clock.
#include "sim/machine/pauses.h"

#include <sched.h>

#include <thread>

namespace penstock {

void watch_pauses(std::optional<int> cpu, Nanoseconds duration, LatencyHistogram& pauses) {
  std::jthread([&] {
    if (cpu) {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(*cpu, &one);
      sched_setaffinity(0, sizeof(one), &one);
    }
    const MonotonicClock clock;
    Nanoseconds last = clock.now();
    for (const Nanoseconds end = last + duration; last < end;) {
      const Nanoseconds now = clock.now();
      if (now - last >= kMicrosecond) pauses.add(now - last);
      last = now;
    }
  });
}

}  // namespace penstock
