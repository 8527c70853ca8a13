// Rates and words.
#include "engine/commands/status_line.h"

#include <fmt/format.h>

namespace penstock {
namespace {

std::uint64_t per_second(std::uint64_t count, Nanoseconds interval) {
  // To the nearest; exact up to 18 thousand million in the interval.
  const auto length = static_cast<std::uint64_t>(interval);
  return (count * static_cast<std::uint64_t>(kSecond) + length / 2) / length;
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, 1, ',');
  return text;
}

}  // namespace

std::uint64_t lost_frames(const CounterSnapshot& c) {
  return c.get(Counter::kRxRingFull) + c.get(Counter::kRxDropped) + c.sum(Counter::kDiscarded) +
         c.sum(Counter::kOverrun) + c.get(Counter::kTapError) + c.sum(Counter::kSlowWayDiscarded) +
         c.get(Counter::kSlowWayDropped);
}

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
