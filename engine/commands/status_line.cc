// Rates and words.
#include "engine/commands/status_line.h"

#include <fmt/format.h>

#include "engine/metrics/losses.h"
#include "engine/metrics/rate_text.h"

namespace penstock {
std::string status_line(const CounterSnapshot& since, Nanoseconds interval, const CounterSnapshot& total) {
  const double megabits =
      static_cast<double>(since.sum(Counter::kPublishedBytes)) * 8e3 / static_cast<double>(interval);
  std::string line = fmt::format(
      "{} datagrams/s ({:.1f} Mb/s), slow way {}/s, to the host {}/s, lost {}",
      grouped(per_second(since.sum(Counter::kPublished) + since.sum(Counter::kSlowWayPublished), interval)),
      megabits, grouped(per_second(since.sum(Counter::kSlowWayPublished), interval)),
      grouped(per_second(since.sum(Counter::kXdpPass) + since.get(Counter::kReturnWritten), interval)),
      grouped(lost_frames(total)));
  if (since.get(Counter::kXdpPass, PENSTOCK_ENGINE_STALLED) != 0)
    line += "; a thread hangs or the TAP is gone: everything passes to the host";
  return line;
}

}  // namespace penstock
