// Reading CLOCK_MONOTONIC.
#include "engine/base/clock.h"

#include <time.h>

namespace penstock {

Nanoseconds MonotonicClock::now() const {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<Nanoseconds>(t.tv_sec) * kSecond + t.tv_nsec;
}

}  // namespace penstock
