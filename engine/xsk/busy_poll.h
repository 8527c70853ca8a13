// Preferred busy polling: NAPI runs within the thread's own receive calls, and its interrupts stay off as
// long as those come (Documentation/networking/napi.rst; Linux 5.11). Only useful with napi_defer_hard_irqs
// and gro_flush_timeout of the device set.
#pragma once

#include <cstdint>

namespace penstock {

struct BusyPoll {
  std::uint32_t microseconds = 0;  // SO_BUSY_POLL; 0: none of it
  std::uint32_t budget = 64;       // frames a call, SO_BUSY_POLL_BUDGET

  bool operator==(const BusyPoll&) const = default;
};

}  // namespace penstock
