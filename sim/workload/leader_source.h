// Real shreds as a source: a leader that signs every set of every slot it is asked for (shredder.h does the
// work). Two kinds of slots:
//   random   entry bytes from the seed, in batches of up to two sets as validators collect them, exactly
//            sets_per_slot full sets, the last one resigned
//   repeated the same entry bytes slot after slot, as one batch; how many sets that makes is sets_per_slot()
// Each slot is the parent of the next and its first set is chained to the parent's last.
//
// Retransmitter signatures are zero, as a leader sends them. Speed: what shredder_bench says, the random
// bytes cost little beside it. Thread safety: none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/result.h"
#include "engine/shred/layout.h"
#include "engine/shred/merkle.h"
#include "engine/shred/signature.h"
#include "sim/workload/shred_source.h"
#include "sim/workload/shredder.h"
#include "sim/workload/spoiled_sets.h"

namespace penstock {

// The keys of a leader that is made from a seed.
KeyPair leader_keys(std::uint64_t seed);

struct LeaderSourceConfig {
  std::uint64_t seed = 0;
  std::uint64_t first_slot = 1;
  std::uint16_t version = 6051;
  std::uint32_t max_index = kMaxShredIndex;  // Firedancer's bench profiles raise it
  std::uint32_t sets_per_slot = 25;          // random slots
  std::vector<std::byte> repeated{};         // not empty: repeated slots of these entry bytes
  std::optional<KeyPair> keys{};             // none: made from the seed
  MerkleHash first_chained_root{};           // what the very first set is chained to
};

class LeaderSource final : public ShredSource {
 public:
  explicit LeaderSource(const LeaderSourceConfig& config);

  // Fails when a slot has no room for its sets below max_index.
  Status next_set(FecSet* set) override;

  Status spoiled_set(SpoiledSet kind, const FecSet& good, std::uint32_t number, FecSet* set) override;

  std::uint32_t sets_per_slot() const { return sets_per_slot_; }
  PublicKey leader() const { return public_key_of(keys_); }

 private:
  Status start_batch();

  LeaderSourceConfig config_;
  KeyPair keys_;
  std::uint32_t sets_per_slot_;
  Shredder shredder_;
  SpoiledSetMaker spoiler_;
  Random random_;
  std::vector<std::byte> entries_;  // of the batch being cut
  std::uint64_t slot_;
  std::uint32_t set_in_slot_ = 0;  // of the next batch's first set
  std::uint32_t sets_left_in_batch_ = 0;
};

}  // namespace penstock
