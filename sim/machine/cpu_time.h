// How busy the machine's CPUs were, all together: what a path costs, whoever pays for it. A veth's receive
// side runs on the sender's core, so no process's own time would do.
//
// The kernel looks at each CPU once a tick (CONFIG_TICK_CPU_ACCOUNTING), so that a CPU that was busy for a
// part p of n ticks is known to sqrt(n p (1 - p)) of them; one that never or always was, exactly.
//
// Thread safety: pure but for /proc/stat and getrusage().
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"

namespace penstock {

// User, nice, system, irq and softirq time of all CPUs since boot, in steps of a tick (10 ms a CPU).
Result<Nanoseconds> busy_time();

// The same from the text of /proc/stat.
Result<Nanoseconds> busy_time_of(std::string_view proc_stat, long ticks_per_second);

// For a time that so many packets took together; 0 packets count as one.
double nanoseconds_each(Nanoseconds time, std::uint64_t packets);

// As of one moment.
struct CpuTimes {
  struct One {
    Nanoseconds busy = 0;    // as busy_time()
    Nanoseconds rest = 0;    // idle, waiting for I/O, stolen
    Nanoseconds stolen = 0;  // by a hypervisor; in `rest`
  };
  std::vector<One> cpus;
  Nanoseconds irq = 0, softirq = 0;  // of all CPUs; in `busy` too
  Nanoseconds own = 0;               // of this process, all its threads
};

Result<CpuTimes> cpu_times();
// From the text of /proc/stat; `own` as given.
Result<CpuTimes> cpu_times_of(std::string_view proc_stat, long ticks_per_second, Nanoseconds own);

// Of a stretch of time.
struct CpuUse {
  Nanoseconds busy = 0;
  double deviation = 0;    // of `busy`, one standard deviation, in nanoseconds
  Nanoseconds others = 0;  // of `busy`, at most so much by others than this process
  Nanoseconds stolen = 0;  // by a hypervisor, of the CPU that it took most of
};

// REQUIRES: `before` is earlier and has the same CPUs.
CpuUse use_between(const CpuTimes& before, const CpuTimes& after, long ticks_per_second);
CpuUse use_between(const CpuTimes& before, const CpuTimes& after);

}  // namespace penstock
