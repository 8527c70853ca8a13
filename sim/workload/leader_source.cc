// Slots and batches around the shredder.
#include "sim/workload/leader_source.h"

#include <algorithm>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr std::uint32_t kSetsPerBatch = 2;
constexpr std::uint32_t kTicksPerSlot = 64;

// The resigned set takes up to its payload from the end, full chained sets what is in front.
std::uint32_t sets_of(std::size_t bytes) {
  const std::size_t in_front = bytes - std::min(bytes, kResignedFecSetPayload);
  return static_cast<std::uint32_t>((in_front + kFecSetPayload - 1) / kFecSetPayload + 1);
}

}  // namespace

KeyPair leader_keys(std::uint64_t seed) {
  std::array<std::byte, 32> bytes{};
  Random(seed, "leader").fill(bytes);
  return key_pair_from_seed(bytes);
}

LeaderSource::LeaderSource(const LeaderSourceConfig& config)
    : config_(config),
      keys_(config.keys ? *config.keys : leader_keys(config.seed)),
      sets_per_slot_(config.repeated.empty() ? config.sets_per_slot : sets_of(config.repeated.size())),
      shredder_({.keys = keys_, .version = config.version, .max_index = config.max_index}),
      spoiler_(keys_),
      random_(config.seed, "entries"),
      slot_(config.first_slot) {
  PENSTOCK_CHECK(sets_per_slot_ > 0);
}

Status LeaderSource::next_set(FecSet* set) {
  if (sets_left_in_batch_ == 0) {
    if (Status started = start_batch(); !started) return started;
  }
  PENSTOCK_CHECK(shredder_.next_set(set));
  if (--sets_left_in_batch_ == 0 && set_in_slot_ == sets_per_slot_) {
    set_in_slot_ = 0;
    ++slot_;
  }
  return {};
}

Status LeaderSource::spoiled_set(SpoiledSet kind, const FecSet& good, std::uint32_t number, FecSet* set) {
  spoiler_.make(kind, good, number, set);
  return {};
}

Status LeaderSource::start_batch() {
  if (set_in_slot_ == 0) {
    const bool first = slot_ == config_.first_slot;
    shredder_.start_slot(slot_, slot_ == 0 ? 0 : 1,
                         first ? config_.first_chained_root : shredder_.last_root());
  }
  const std::uint32_t left = sets_per_slot_ - set_in_slot_;
  const std::uint32_t sets = config_.repeated.empty() ? std::min(kSetsPerBatch, left) : left;
  const bool last = sets == left;
  const auto tick = static_cast<std::uint8_t>(std::uint64_t{set_in_slot_} * kTicksPerSlot / sets_per_slot_);
  if (config_.repeated.empty()) {
    entries_.resize(last ? (sets - 1) * kFecSetPayload + kResignedFecSetPayload : sets * kFecSetPayload);
    random_.fill(entries_);
  }
  set_in_slot_ += sets;
  sets_left_in_batch_ = sets;
  return shredder_.start_batch(config_.repeated.empty() ? entries_ : config_.repeated,
                               {.reference_tick = tick, .last_in_slot = last});
}

}  // namespace penstock
