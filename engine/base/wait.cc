// Sleeping by the kernel's own clock.
#include "engine/base/wait.h"

#include <errno.h>
#include <time.h>

namespace penstock {
namespace {

timespec to_timespec(Nanoseconds time) {
  return {.tv_sec = time / kSecond, .tv_nsec = time % kSecond};
}

}  // namespace

void sleep_for(Nanoseconds duration) {
  const timespec pause = to_timespec(duration);
  nanosleep(&pause, nullptr);
}

void sleep_until(Nanoseconds when) {
  const timespec at = to_timespec(when);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) == EINTR) {
  }
}

}  // namespace penstock
