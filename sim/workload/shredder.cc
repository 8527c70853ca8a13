// Cutting, parity, tree, signature: in the order of shred-format.md section 14.
#include "sim/workload/shredder.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/shred/header.h"

namespace penstock {
namespace {

std::uint8_t variant_of(ShredKind kind, bool resigned) {
  if (kind == ShredKind::kData) return resigned ? kDataResignedVariant : kDataVariant;
  return resigned ? kCodeResignedVariant : kCodeVariant;
}

std::size_t sets_for(std::size_t bytes) {
  return (bytes + kFecSetPayload - 1) / kFecSetPayload;
}

void copy_to(std::span<const std::byte> bytes, std::span<std::byte> shred, std::size_t offset) {
  std::copy(bytes.begin(), bytes.end(), shred.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

Shredder::Shredder(const ShredderConfig& config) : config_(config) {}

void Shredder::start_slot(std::uint64_t slot, std::uint16_t parent_offset,
                          const MerkleHash& parents_last_root) {
  PENSTOCK_CHECK(sets_left_ == 0);
  PENSTOCK_CHECK(parent_offset <= slot && (parent_offset == 0) == (slot == 0));
  slot_ = slot;
  parent_offset_ = parent_offset;
  next_index_ = 0;
  chained_root_ = parents_last_root;
}

Status Shredder::start_batch(std::span<const std::byte> entries, const BatchPlan& plan) {
  PENSTOCK_CHECK(sets_left_ == 0);
  PENSTOCK_CHECK(plan.reference_tick <= kReferenceTickMask);
  // The resigned set takes the end of the last batch, the chained sets what is in front of it.
  const std::size_t in_resigned = plan.last_in_slot ? std::min(entries.size(), kResignedFecSetPayload) : 0;
  const std::size_t sets = sets_for(entries.size() - in_resigned) + (plan.last_in_slot ? 1 : 0);
  if (sets > (config_.max_index - next_index_) / kFecDataShreds) {
    return fail(fmt::format("shred a batch of {} bytes: slot {} has no room for {} more sets behind index {}",
                            entries.size(), slot_, sets, next_index_),
                0, "start the next slot earlier");
  }
  plan_ = plan;
  rest_ = entries;
  sets_left_ = static_cast<std::uint32_t>(sets);
  return {};
}

bool Shredder::next_set(FecSet* set) {
  if (sets_left_ == 0) return false;
  const bool last_of_batch = sets_left_ == 1;
  set->slot = slot_;
  set->fec_set_index = next_index_;
  set->resigned = plan_.last_in_slot && last_of_batch;
  // In front of a resigned set the chained ones leave it its part, and may end short for that.
  const std::size_t reserved = plan_.last_in_slot && !last_of_batch ? kResignedFecSetPayload : 0;
  const std::size_t capacity = set->resigned ? kResignedFecSetPayload : kFecSetPayload;
  const auto payload = rest_.first(std::min(rest_.size() - reserved, capacity));

  write_data(*set, payload, last_of_batch);
  write_code(*set);
  seal(*set);

  rest_ = rest_.subspan(payload.size());
  next_index_ += kFecDataShreds;
  --sets_left_;
  return true;
}

void Shredder::write_data(FecSet& set, std::span<const std::byte> payload, bool data_complete) {
  ShredHeader header{.slot = set.slot,
                     .index = set.fec_set_index,
                     .fec_set_index = set.fec_set_index,
                     .version = config_.version,
                     .variant = variant_of(ShredKind::kData, set.resigned),
                     .flags = plan_.reference_tick,
                     .parent_offset = parent_offset_};
  const ShredLayout layout = layout_of(header.variant);
  for (std::size_t i = 0; i < kFecDataShreds; ++i, ++header.index) {
    const auto part = payload.first(std::min(payload.size(), layout.payload_capacity()));
    payload = payload.subspan(part.size());
    header.size = static_cast<std::uint16_t>(kDataHeadersSize + part.size());
    if (data_complete && i == kFecDataShreds - 1) {
      header.flags |= plan_.last_in_slot ? kLastInSlot : kDataComplete;
    }
    const std::span<std::byte> shred = set.member(i);
    std::fill(shred.begin(), shred.end(), std::byte{0});
    write_shred_header(header, shred);
    copy_to(part, shred, kDataHeadersSize);
  }
}

void Shredder::write_code(FecSet& set) {
  ShredHeader header{.slot = set.slot,
                     .index = set.fec_set_index,
                     .fec_set_index = set.fec_set_index,
                     .version = config_.version,
                     .variant = variant_of(ShredKind::kCode, set.resigned),
                     .num_data = kFecDataShreds,
                     .num_code = kFecCodeShreds};
  for (std::size_t i = kFecDataShreds; i < kFecSetShreds; ++i, ++header.index, ++header.position) {
    const std::span<std::byte> shred = set.member(i);
    std::fill(shred.begin(), shred.end(), std::byte{0});
    write_shred_header(header, shred);
  }
  sealer_.encode(set);
}

// Chained root, tree, signature and proofs; the set's root becomes the next chained root.
void Shredder::seal(FecSet& set) {
  for (std::size_t i = 0; i < kFecSetShreds; ++i)
    copy_to(chained_root_, set.member(i), layout_of_member(set, i).chained_root);
  chained_root_ = sealer_.seal(config_.keys, set);
}

}  // namespace penstock
