// Setting the affinity and reading it back.
#include "sim/replay/pin.h"

#include <errno.h>

#include <fmt/format.h>

namespace penstock {

PinnedThread::~PinnedThread() {
  if (before_) ::sched_setaffinity(0, sizeof(*before_), &*before_);
}

Status PinnedThread::to(std::optional<unsigned> cpu) {
  if (!cpu) return {};
  const std::string what = fmt::format("pin the sender to CPU {}", *cpu);
  cpu_set_t before, wanted, got;
  if (::sched_getaffinity(0, sizeof(before), &before) != 0) return fail(what, errno);
  CPU_ZERO(&wanted);
  CPU_SET(*cpu, &wanted);
  if (::sched_setaffinity(0, sizeof(wanted), &wanted) != 0) return fail(what, errno);
  before_ = before;
  if (::sched_getaffinity(0, sizeof(got), &got) != 0 || !CPU_EQUAL(&got, &wanted))
    return fail(what + ": it reads back differently");
  return {};
}

}  // namespace penstock
