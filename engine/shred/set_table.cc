// Records, their order of age, and who goes when there is no room.
#include "engine/shred/set_table.h"

#include <bit>
#include <tuple>

#include "engine/base/check.h"

namespace penstock {

SetTable::SetTable(std::size_t max_open, std::size_t history, std::size_t reuse_after, std::uint64_t seed)
    : max_open_(max_open),
      pool_(max_open + 1, reuse_after),
      next_memory_(pool_.take()),
      owner_(max_open + 1 + reuse_after, kNobody),
      records_(max_open + history),
      finished_(history),
      by_key_(max_open + history, seed),
      open_in_slot_(max_open, seed) {
  PENSTOCK_CHECK(history > 0 && history >= reuse_after);
  free_.reserve(records_.size());
  for (std::size_t i = records_.size(); i > 0; --i)
    free_.push_back(static_cast<std::uint32_t>(i - 1));
  open_.reserve(max_open);
}

SetRecord* SetTable::find(const SetKey& key) {
  const std::uint32_t* index = by_key_.find(key);
  return index ? &records_[*index] : nullptr;
}

SetRecord& SetTable::victim() {
  PENSTOCK_CHECK(!open_.empty());
  // Most open sets in the slot, then fewest members, then oldest.
  using Rank = std::tuple<std::uint32_t, int, std::uint64_t>;
  SetRecord* chosen = nullptr;
  Rank best{};
  for (const std::uint32_t index : open_) {
    SetRecord& record = records_[index];
    const Rank rank{*open_in_slot_.find(record.key.slot), -std::popcount(record.seen), opened_ - record.age};
    if (!chosen || rank > best) {
      chosen = &record;
      best = rank;
    }
  }
  return *chosen;
}

SetRecord& SetTable::open(const SetKey& key) {
  PENSTOCK_CHECK(!full());
  const std::uint32_t index = free_.back();
  free_.pop_back();
  by_key_.insert(key, index);
  SetRecord& record = records_[index];
  record = SetRecord{};
  record.key = key;
  record.age = ++opened_;
  record.memory = next_memory_;
  next_memory_ = pool_.take();
  owner_[next_memory_] = kNobody;  // whose it was can no longer be read
  owner_[record.memory] = index;
  record.open_place = static_cast<std::uint32_t>(open_.size());
  open_.push_back(index);
  if (std::uint32_t* count = open_in_slot_.find(key.slot)) {
    ++*count;
  } else {
    open_in_slot_.insert(key.slot, 1);
  }
  return record;
}

// The record is no longer open; its memory begins its time of grace.
void SetTable::leave_open(SetRecord& record) {
  PENSTOCK_CHECK(record.state == SetState::kOpen);
  open_[record.open_place] = open_.back();
  records_[open_[record.open_place]].open_place = record.open_place;
  open_.pop_back();
  if (--*open_in_slot_.find(record.key.slot) == 0) open_in_slot_.erase(record.key.slot);
  pool_.retire(record.memory);
}

void SetTable::drop(SetRecord& record) {
  leave_open(record);
  forget(index_of(record));
}

void SetTable::finish(SetRecord& record, SetState state) {
  PENSTOCK_CHECK(state != SetState::kOpen);
  leave_open(record);
  record.state = state;
  if (finished_count_ == finished_.size()) {
    forget(finished_[finished_next_]);
  } else {
    ++finished_count_;
  }
  finished_[finished_next_] = index_of(record);
  finished_next_ = (finished_next_ + 1) % finished_.size();
}

void SetTable::forget(std::uint32_t index) {
  SetRecord& record = records_[index];
  if (owner_[record.memory] == index) owner_[record.memory] = kNobody;
  by_key_.erase(record.key);
  free_.push_back(index);
}

SetMemory* SetTable::memory(const SetRecord& record) {
  return owner_[record.memory] == index_of(record) ? &pool_[record.memory] : nullptr;
}

}  // namespace penstock
