// A leader: cuts entry batches into FEC sets and makes the 64 shreds of each set, signed and with parity,
// byte for byte as Firedancer's and Agave's leaders do. Source: shared/reference/shred-format.md sections
// 9 (how batches are cut) and 14 (order of work); section 12 is the known answer that it is tested with.
//
//   Shredder shredder({.keys = keys, .version = 6051});
//   shredder.start_slot(slot, parent_offset, parents_last_root);
//   shredder.start_batch(entries, {.reference_tick = 3, .last_in_slot = true});
//   while (shredder.next_set(&set)) send(set);
//
// Invariants
//   1. Deterministic: the same calls give the same bytes (Ed25519 signatures are).
//   2. Indices go on from batch to batch of a slot; each set is chained to the one before it, the first
//      of a slot to the root given to start_slot().
//   3. The last set of the last batch is resigned; its retransmitter signatures are zero, as a leader
//      sends them.
//   4. Padding is Agave's: behind a short batch, shreds with an empty payload and zeros.
//
// Thread safety: none. No allocation after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/result.h"
#include "engine/shred/layout.h"
#include "engine/shred/merkle.h"
#include "engine/shred/signature.h"
#include "sim/workload/set_sealer.h"
#include "sim/workload/shred_source.h"

namespace penstock {

struct ShredderConfig {
  KeyPair keys{};
  std::uint16_t version = 0;
  std::uint32_t max_index = kMaxShredIndex;  // of a slot, by kind; a multiple of 32
};

struct BatchPlan {
  std::uint8_t reference_tick = 0;  // 0..63
  bool last_in_slot = false;
};

class Shredder {
 public:
  explicit Shredder(const ShredderConfig& config);

  // The next batch begins `slot` at index 0. parent_offset is 0 in slot 0 and only there, else 1..slot.
  void start_slot(std::uint64_t slot, std::uint16_t parent_offset, const MerkleHash& parents_last_root);

  // What next_set() cuts from now on; all sets of the batch before must have been taken. `entries` must
  // stay valid until then. An empty batch gives no set, unless it is the last of the slot: then one.
  // Fails when the slot has no room for the batch: it has max_index / 32 sets.
  Status start_batch(std::span<const std::byte> entries, const BatchPlan& plan);

  // Overwrites `*set` with the next set of the batch; false when there is none left.
  bool next_set(FecSet* set);

  // The Merkle root of the set that next_set() gave last: what the next one is chained to.
  const MerkleHash& last_root() const { return chained_root_; }

 private:
  void write_data(FecSet& set, std::span<const std::byte> payload, bool data_complete);
  void write_code(FecSet& set);
  void seal(FecSet& set);

  ShredderConfig config_;
  SetSealer sealer_;

  std::uint64_t slot_ = 0;
  std::uint16_t parent_offset_ = 0;
  std::uint32_t next_index_ = 0;
  MerkleHash chained_root_{};

  BatchPlan plan_{};
  std::span<const std::byte> rest_{};  // of the batch, not yet cut
  std::uint32_t sets_left_ = 0;
};

}  // namespace penstock
