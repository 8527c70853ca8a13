// Keeps the calling thread on one CPU while it lives, then lets it go where it could go before.
#pragma once

#include <sched.h>

#include <optional>

#include "engine/base/result.h"

namespace penstock {

class PinnedThread {
 public:
  PinnedThread() = default;
  PinnedThread(const PinnedThread&) = delete;
  PinnedThread& operator=(const PinnedThread&) = delete;
  ~PinnedThread();

  // None: leaves the thread alone. Fails when the CPU is not there or not ours; it is read back.
  Status to(std::optional<unsigned> cpu);

 private:
  std::optional<cpu_set_t> before_{};
};

}  // namespace penstock
