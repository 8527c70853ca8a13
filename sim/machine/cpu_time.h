// How busy the machine's CPUs were, all together: what a path costs, whoever pays for it. A veth's receive
// side runs on the sender's core, so no process's own time would do.
//
// Thread safety: pure but for /proc/stat.
#pragma once

#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/result.h"

namespace penstock {

// User, nice, system, irq and softirq time of all CPUs since boot, in steps of a tick (10 ms a CPU).
Result<Nanoseconds> busy_time();

// The same from the text of /proc/stat.
Result<Nanoseconds> busy_time_of(std::string_view proc_stat, long ticks_per_second);

}  // namespace penstock
