// The arrival model in integers.
#include "sim/workload/arrival/arrival.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/workload/arrival/latency_table.h"
#include "sim/workload/shred_source.h"

namespace penstock {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint32_t kSlotsPerLeader = 4;
constexpr std::uint32_t kNoLeader = UINT32_MAX;

constexpr std::uint32_t kEarlyParentsPpm = 30'000;
constexpr Nanoseconds kEarlyLow = 5 * kMillisecond, kEarlyHigh = 40 * kMillisecond;
constexpr Nanoseconds kJitter = 500 * kMicrosecond;
constexpr Nanoseconds kDuplicateLow = 5 * kMillisecond, kDuplicateHigh = 100 * kMillisecond;
constexpr Nanoseconds kBurstSpacing = 1 * kMicrosecond;  // a 10 Gb/s link's, for frames of 1,245 bytes

constexpr std::uint32_t kGoodToBadPpm = 500;
constexpr std::uint32_t kBadToGoodPpm = 100'000;
constexpr std::uint32_t kLossWhileBadPpm = 600'000;

// n intervals of 1/pps seconds.
Nanoseconds after(std::uint64_t n, std::uint64_t pps) {
  return static_cast<Nanoseconds>(Wide{n} * kSecond / pps);
}

// Linear between the quantiles: the top 8 bits choose the interval, the next 32 the place in it.
Nanoseconds lognormal_latency(std::uint64_t uniform) {
  const std::size_t i = uniform >> 56;
  const std::uint64_t fraction = (uniform >> 24) & 0xffffffff;
  const std::uint64_t low = kLatencyQuantiles[i];
  return static_cast<Nanoseconds>(low + ((kLatencyQuantiles[i + 1] - low) * fraction >> 32));
}

}  // namespace

ArrivalModel::ArrivalModel(const ArrivalConfig& config)
    : config_(config),
      parents_(config.parents),
      random_(config.seed, "arrival"),
      leader_(kNoLeader),
      latency_(config.parents),
      in_burst_(config.parents) {
  PENSTOCK_CHECK(config.pps > 0 && config.sets_per_slot > 0);
}

Nanoseconds ArrivalModel::emit_time(std::uint32_t set) const {
  return after(std::uint64_t{set} * kShredsInSet, config_.pps);
}

void ArrivalModel::draw_latencies(std::uint32_t leader) {
  Random random(config_.seed, "latency", leader);
  for (Nanoseconds& latency : latency_) {
    const bool early = random.chance(kEarlyParentsPpm);
    const std::uint64_t uniform = random.next();
    const Nanoseconds early_latency =
        kEarlyLow + static_cast<Nanoseconds>((Wide{uniform} * (kEarlyHigh - kEarlyLow)) >> 64);
    latency = early ? early_latency : lognormal_latency(uniform);
  }
  leader_ = leader;
}

Nanoseconds ArrivalModel::first_arrival(std::uint32_t set, Nanoseconds emitted, std::uint8_t member,
                                        std::uint16_t parent, Nanoseconds jitter) const {
  switch (config_.order) {
    case ArrivalOrder::kModel:
      return emitted + latency_[parent] + jitter;
    case ArrivalOrder::kEven:
      return emitted + after(std::uint64_t{set} * kShredsInSet + member, config_.pps) - emit_time(set);
    case ArrivalOrder::kSetBursts:
      return emitted + member * std::min(kBurstSpacing, after(1, config_.pps));
  }
  return emitted;
}

bool ArrivalModel::lose(std::uint16_t parent) {
  const bool independent = random_.chance(config_.loss_ppm);
  const std::uint8_t bad = in_burst_[parent];
  const bool moves = random_.chance(bad != 0 ? kBadToGoodPpm : kGoodToBadPpm);
  const bool in_burst = random_.chance(kLossWhileBadPpm) && bad != 0 && config_.loss_bursts;
  if (moves) in_burst_[parent] = bad == 0;
  if (independent) {
    ++counts_.lost_independent;
  } else if (in_burst) {
    ++counts_.lost_in_burst;
  }
  return independent || in_burst;
}

void ArrivalModel::add_set_at(std::uint32_t set, Nanoseconds emitted, std::vector<Arrival>* out) {
  const std::uint32_t leader = set / config_.sets_per_slot / kSlotsPerLeader;
  if (leader != leader_) draw_latencies(leader);
  for (std::uint8_t member = 0; member < kShredsInSet; ++member) {
    ++counts_.emitted;
    const std::uint16_t parent = parents_.draw(random_);
    const auto jitter = static_cast<Nanoseconds>(random_.between(0, kJitter));
    const bool lost = lose(parent);
    const bool again = random_.chance(config_.duplicate_ppm);
    const std::uint16_t other = parents_.draw_other(random_, parent);
    const auto delay = static_cast<Nanoseconds>(random_.between(kDuplicateLow, kDuplicateHigh));
    if (lost) continue;

    const Nanoseconds at = first_arrival(set, emitted, member, parent, jitter);
    ++counts_.delivered;
    out->push_back({at, {.set = set, .parent = parent, .member = member, .copy = 0}});
    if (!again) continue;
    ++counts_.duplicates;
    out->push_back({at + delay, {.set = set, .parent = other, .member = member, .copy = 1}});
  }
}

}  // namespace penstock
