// How busy the machine's CPUs were, all together: what a path costs, whoever pays for it. A veth's receive
// side runs on the sender's core, so no process's own time would do.
//
// Two ways to know it. A kernel whose idle CPUs stop their tick (CONFIG_NO_HZ; `.nohz : 1` in
// /proc/timer_list, which takes root to read) measures how long each was idle, irq and softirq excluded
// (fs/proc/stat.c, get_idle_time()): a CPU was busy for what is left of the time on the clock, and only the
// steps of /proc/stat are lost. Elsewhere the kernel looks at each CPU once a tick
// (CONFIG_TICK_CPU_ACCOUNTING), so that a CPU that was busy for a part p of n ticks is known to sqrt(n p (1 -
// p)) of them; one that never or always was, exactly.
//
// Thread safety: pure but for /proc, the clock and getrusage().
#pragma once

#include <cstdint>
#include <optional>
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
  // CLOCK_MONOTONIC when it was read, where idle time is measured.
  std::optional<Nanoseconds> at{};
};

Result<CpuTimes> cpu_times();
// From the text of /proc/stat, as of ticks; `own` as given.
Result<CpuTimes> cpu_times_of(std::string_view proc_stat, long ticks_per_second, Nanoseconds own);

// Whether idle time is measured, by the text of /proc/timer_list.
bool measures_idle_time(std::string_view timer_list);

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
