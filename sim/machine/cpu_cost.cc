// A difference of two measurements, and its error.
#include "sim/machine/cpu_cost.h"

#include <cmath>

namespace penstock {
namespace {

bool is_disturbed(const CpuUse& use) {
  return static_cast<double>(use.others) > kMostByOthers * static_cast<double>(use.busy);
}

}  // namespace

CpuCost cost_a_packet(const CpuUse& received, const CpuUse& sent_only, std::uint64_t packets) {
  if (packets == 0) return {.why_not = "no packet"};
  if (is_disturbed(received) || is_disturbed(sent_only)) return {.why_not = "other programs ran"};
  const double deviation = std::hypot(received.deviation, sent_only.deviation);
  const Nanoseconds cost = received.busy - sent_only.busy;
  if (cost <= 0 || deviation > kMostDeviation * static_cast<double>(cost))
    return {.why_not = "run too short"};
  return {.nanoseconds = nanoseconds_each(cost, packets),
          .deviation = deviation / static_cast<double>(packets)};
}

}  // namespace penstock
