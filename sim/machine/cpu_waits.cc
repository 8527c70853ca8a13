// A clock a round, and the kernel's own account where it was long.
#include "sim/machine/cpu_waits.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace penstock {
namespace {

// "ON_CPU RUN_DELAY TIMESLICES", the first two in nanoseconds.
Nanoseconds read_run_delay(int fd) {
  char text[128];
  const ssize_t length = ::pread(fd, text, sizeof(text) - 1, 0);
  if (length <= 0) return 0;
  text[length] = 0;
  char* end = text;
  ::strtoll(text, &end, 10);
  return ::strtoll(end, nullptr, 10);
}

}  // namespace

CpuWaits::CpuWaits()
    : CpuWaits(
          [fd = std::make_shared<UniqueFd>(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC))] {
            return *fd ? read_run_delay(fd->get()) : 0;
          }) {}

CpuWaits::CpuWaits(std::function<Nanoseconds()> run_delay)
    : run_delay_(std::move(run_delay)), seen_(run_delay_()) {}

void CpuWaits::round(Nanoseconds now) {
  const Nanoseconds began = std::exchange(last_round_, now);
  const Nanoseconds took = now - began;
  if (began == 0 || took < kLongRound) return;
  const Nanoseconds total = run_delay_();
  // The rest is of rounds that were not looked at.
  const Nanoseconds waited = std::min(took, total - std::exchange(seen_, total));
  if (waited < kLongRound) return;
  if (stretch_.waited == 0) stretch_.since = began;
  stretch_.until = now;
  stretch_.waited += waited;
}

void CpuWaits::caught_up() {
  if (stretch_.waited != 0 && stretches_.size() < kMostStretches) stretches_.push_back(stretch_);
  stretch_ = {};
}

std::vector<CpuWait> CpuWaits::finish() && {
  caught_up();
  return std::move(stretches_);
}

}  // namespace penstock
