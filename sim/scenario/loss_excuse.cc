// Windows over a schedule.
#include "sim/scenario/loss_excuse.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/scenario/text.h"

namespace penstock {
namespace {

// The longest ones; a loss that more than these would have to explain is not excused.
constexpr std::size_t kMostStretches = 16;

std::vector<Nanoseconds> longest_first(const LossFacts& facts) {
  std::vector<Nanoseconds> waited;
  for (const CpuWait& wait : facts.waits)
    waited.push_back(wait.waited);
  std::sort(waited.rbegin(), waited.rend());
  if (waited.empty()) waited.push_back(0);
  waited.front() += facts.stolen;
  waited.resize(std::min(waited.size(), kMostStretches));
  return waited;
}

}  // namespace

std::uint64_t most_due(const Schedule& schedule, std::size_t frames, Nanoseconds window) {
  std::size_t most = 0, first = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    while (schedule.due(i) - schedule.due(first) > window)
      ++first;
    most = std::max(most, i - first + 1);
  }
  return most;
}

std::string excuse_of(const LossFacts& facts, const Schedule& schedule, std::size_t frames) {
  const std::vector<Nanoseconds> waited = longest_first(facts);
  if (facts.lost == 0 || waited.front() < CpuWaits::kLongRound) return {};
  std::uint64_t explained = 0;
  for (const Nanoseconds wait : waited) {
    const std::uint64_t came = most_due(schedule, frames, wait + facts.sender_lateness);
    if (came <= facts.ring) break;  // shorter ones explain no more
    explained += came - facts.ring;
  }
  if (explained < facts.lost) return {};
  return fmt::format(
      "other programs had the engine's core for {} ms, in which more frames came than its ring of {} holds: "
      "that {} were lost says nothing about the engine",
      waited.front() / kMillisecond, grouped(facts.ring), grouped(facts.lost));
}

}  // namespace penstock
