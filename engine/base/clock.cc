// Reading CLOCK_MONOTONIC.
#include "engine/base/clock.h"

#include <time.h>

namespace penstock {

namespace {

Nanoseconds read_clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return static_cast<Nanoseconds>(t.tv_sec) * kSecond + t.tv_nsec;
}

}  // namespace

Nanoseconds MonotonicClock::now() const {
  return read_clock(CLOCK_MONOTONIC);
}

Nanoseconds CoarseClock::now() const {
  return read_clock(CLOCK_MONOTONIC_COARSE);
}

}  // namespace penstock
