// The FEC sets that the resolver knows: those in progress, and those that are finished and remembered.
//
// Only sets with a checked signature are opened (or all, when no leader is known), so a stranger cannot
// make anything here go. When every place is taken, the newcomer's slot is not asked how important it
// is: the set with the fewest members of the slot that has the most open sets goes, the oldest first.
// So a leader who signs a flood of sets pushes out his own. (Firedancer spills the highest slot, before
// the newcomer is checked.)
//
// Invariants
//   1. At most max_open sets are open, at most `history` finished ones are remembered, oldest forgotten
//   first.
//   2. A record is found by its (slot, set) as long as it is open or remembered: one record a key.
//   3. Memory of a set is kept after it is finished or dropped, as set_memory.h promises.
//
// Thread safety: none. No allocation after construction. A SetRecord& is valid until it is dropped or
// forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/shred/fixed_map.h"
#include "engine/shred/merkle.h"
#include "engine/shred/set_key.h"
#include "engine/shred/set_memory.h"
#include "engine/shred/signature.h"

namespace penstock {

enum class SetState : std::uint8_t {
  kOpen,
  kFinished,  // all 64 shreds are there, received or rebuilt
  kFailed,    // 32 members were there, and what they said did not fit together
};

struct SetRecord {
  SetKey key;
  Signature signature{};
  MerkleHash root{};
  std::uint8_t data_variant = 0;
  std::uint8_t code_variant = 0;
  SetState state = SetState::kOpen;
  bool conflict = false;   // another signature was verified for this key
  std::uint64_t seen = 0;  // members received, late ones included; bit = ShredHeader::member()

  std::uint8_t variant_of(std::size_t member) const {
    return member < kFecDataShreds ? data_variant : code_variant;
  }

  // The table's own.
  std::uint64_t age = 0;
  std::uint32_t memory = 0;
  std::uint32_t open_place = 0;
};

class SetTable {
 public:
  // history must be at least reuse_after.
  SetTable(std::size_t max_open, std::size_t history, std::size_t reuse_after, std::uint64_t seed);

  SetRecord* find(const SetKey& key);

  bool full() const { return open_.size() == max_open_; }
  // Who goes when the table is full, by the rule above.
  SetRecord& victim();
  // Forgets an open set.
  void drop(SetRecord& record);

  // The memory that the next set to open will have. A candidate's shred is copied there before it is known
  // whether its set may open, so that it need not be copied again when it may.
  SetMemory& next_memory() { return pool_[next_memory_]; }

  // A new record, open, with what was next_memory(). The table must not be full and not know the key.
  SetRecord& open(const SetKey& key);

  // Ends an open set as kFinished or kFailed; it is remembered.
  void finish(SetRecord& record, SetState state);

  // The set's memory; null when it was reused since.
  SetMemory* memory(const SetRecord& record);

  std::size_t open_sets() const { return open_.size(); }
  // The open sets, in no order.
  SetRecord& open_set(std::size_t i) { return records_[open_[i]]; }

 private:
  static constexpr std::uint32_t kNobody = ~std::uint32_t{0};

  std::uint32_t index_of(const SetRecord& record) const {
    return static_cast<std::uint32_t>(&record - records_.data());
  }
  void leave_open(SetRecord& record);
  void forget(std::uint32_t index);

  std::size_t max_open_;
  SetMemoryPool pool_;  // one more than max_open_: next_memory_ is always taken
  std::uint32_t next_memory_;
  std::vector<std::uint32_t> owner_;  // by memory index: the record that holds it, or kNobody
  std::vector<SetRecord> records_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> open_;
  std::vector<std::uint32_t> finished_;  // ring of finished records
  std::size_t finished_next_ = 0;
  std::size_t finished_count_ = 0;
  FixedMap<SetKey> by_key_;
  FixedMap<std::uint64_t> open_in_slot_;
  std::uint64_t opened_ = 0;
};

}  // namespace penstock
