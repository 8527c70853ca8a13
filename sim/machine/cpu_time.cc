// /proc/stat, its first lines.
#include "sim/machine/cpu_time.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "engine/base/check.h"
#include "engine/base/read_file.h"

namespace penstock {
namespace {

// The line of one CPU or of all, in ticks (Documentation/filesystems/proc.rst).
struct Line {
  std::string name;
  long long user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, steal = 0;

  long long busy() const { return user + nice + system + irq + softirq; }
  long long rest() const { return idle + waiting + steal; }
};

// False: no line of a CPU.
bool read_line(const std::string& text, Line& line) {
  std::istringstream in(text);
  in >> line.name >> line.user >> line.nice >> line.system >> line.idle >> line.waiting >> line.irq >>
      line.softirq >> line.steal;
  return in && line.name.starts_with("cpu");
}

std::string proc_stat() {
  return read_file("/proc/stat").value_or("");
}

// In ticks squared, of the time that a CPU was busy for. Measured: a difference of two readings that are each
// rounded down is off by a triangle of two ticks, and three are subtracted (idle, waiting, stolen).
double variance_of(Nanoseconds busy, Nanoseconds rest, double tick, bool measured) {
  constexpr double kOfDifference = 1.0 / 6;
  if (measured) return 3 * kOfDifference;
  if (busy <= 0 || rest <= 0) return 0;
  const double ticks = static_cast<double>(busy + rest) / tick;
  const double part = static_cast<double>(busy) / static_cast<double>(busy + rest);
  return ticks * part * (1 - part);
}

Nanoseconds time_of(const timeval& time) {
  return time.tv_sec * kSecond + time.tv_usec * kMicrosecond;
}

}  // namespace

Result<Nanoseconds> busy_time_of(std::string_view proc_stat, long ticks_per_second) {
  Line line;
  if (!read_line(std::string(proc_stat.substr(0, proc_stat.find('\n'))), line) || line.name != "cpu")
    return fail("read CPU times from /proc/stat", EPROTO);
  return line.busy() * (kSecond / ticks_per_second);
}

Result<Nanoseconds> busy_time() {
  return busy_time_of(proc_stat(), sysconf(_SC_CLK_TCK));
}

double nanoseconds_each(Nanoseconds time, std::uint64_t packets) {
  return static_cast<double>(time) / static_cast<double>(std::max<std::uint64_t>(1, packets));
}

Result<CpuTimes> cpu_times_of(std::string_view proc_stat, long ticks_per_second, Nanoseconds own) {
  const Nanoseconds tick = kSecond / ticks_per_second;
  CpuTimes times{.cpus = {}, .own = own};
  std::istringstream lines{std::string(proc_stat)};
  Line line;
  for (std::string text; std::getline(lines, text) && read_line(text, line);) {
    if (line.name == "cpu") {
      times.irq = line.irq * tick;
      times.softirq = line.softirq * tick;
    } else {
      times.cpus.push_back(
          {.busy = line.busy() * tick, .rest = line.rest() * tick, .stolen = line.steal * tick});
    }
  }
  if (times.cpus.empty()) return fail("read CPU times from /proc/stat", EPROTO);
  return times;
}

bool measures_idle_time(std::string_view timer_list) {
  // One line for each CPU, all alike: "  .nohz           : 1".
  const std::size_t at = timer_list.find(".nohz ");
  if (at == std::string_view::npos) return false;
  const std::string_view line = timer_list.substr(at, timer_list.find('\n', at) - at);
  return line.ends_with(": 1");
}

Result<CpuTimes> cpu_times() {
  static const bool kMeasured = measures_idle_time(read_file("/proc/timer_list").value_or(""));
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  Result<CpuTimes> times =
      cpu_times_of(proc_stat(), sysconf(_SC_CLK_TCK), time_of(used.ru_utime) + time_of(used.ru_stime));
  if (times && kMeasured) times->at = MonotonicClock().now();
  return times;
}

CpuUse use_between(const CpuTimes& before, const CpuTimes& after, long ticks_per_second) {
  PENSTOCK_CHECK(before.cpus.size() == after.cpus.size());
  const Nanoseconds tick_time = kSecond / ticks_per_second;
  const auto tick = static_cast<double>(tick_time);
  CpuUse use;
  double variance = 0;  // in ticks squared
  const bool measured = before.at && after.at;
  for (std::size_t i = 0; i < after.cpus.size(); ++i) {
    const Nanoseconds rest = after.cpus[i].rest - before.cpus[i].rest;
    const Nanoseconds busy = measured ? std::max<Nanoseconds>(0, *after.at - *before.at - rest)
                                      : after.cpus[i].busy - before.cpus[i].busy;
    use.busy += busy;
    use.stolen = std::max(use.stolen, after.cpus[i].stolen - before.cpus[i].stolen);
    variance += variance_of(busy, rest, tick, measured);
  }
  use.deviation = std::sqrt(variance) * tick;
  // A kernel that measures interrupts by themselves (CONFIG_IRQ_TIME_ACCOUNTING), as one whose `irq` is not
  // always 0, leaves them out of the process's time; else they are in the time of whom they interrupt.
  const Nanoseconds apart = after.irq == 0 ? 0 : after.irq - before.irq + after.softirq - before.softirq;
  use.others = std::max<Nanoseconds>(0, use.busy - apart - (after.own - before.own));
  return use;
}

CpuUse use_between(const CpuTimes& before, const CpuTimes& after) {
  return use_between(before, after, sysconf(_SC_CLK_TCK));
}

}  // namespace penstock
