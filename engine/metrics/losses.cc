// The list, and its labels.
#include "engine/metrics/losses.h"

#include <fmt/format.h>

namespace penstock {
namespace {

constexpr Counter kLosses[] = {Counter::kRxRingFull, Counter::kRxDropped,        Counter::kSocketDrop,
                               Counter::kDiscarded,  Counter::kSlowWayDiscarded, Counter::kSlowWayDropped,
                               Counter::kTapError,   Counter::kOverrun};

}  // namespace

std::vector<Loss> losses(const CounterSnapshot& counters) {
  std::vector<Loss> all;
  for (const Counter counter : kLosses) {
    const CounterInfo& info = counter_info(counter);
    for (std::size_t value = 0; value < label_values(info.label); ++value) {
      std::string cause(info.name);
      if (info.label != CounterLabel::kNone)
        cause += fmt::format("{{{}=\"{}\"}}", label_name(info.label), label_value(info.label, value));
      all.push_back({std::move(cause), counters.get(counter, value)});
    }
  }
  return all;
}

std::uint64_t lost_frames(const CounterSnapshot& counters) {
  std::uint64_t lost = 0;
  for (const Counter counter : kLosses)
    lost += counters.sum(counter);
  return lost;
}

}  // namespace penstock
