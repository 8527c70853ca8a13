// First shreds of sets: what an unknown signature must go through before its set may open, and what waits
// meanwhile.
#include <algorithm>
#include <bit>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/resolver_parts.h"

namespace penstock {
namespace {

Signature signature_of(std::span<const std::byte> shred) {
  Signature signature;
  std::copy_n(shred.begin(), signature.size(), signature.begin());
  return signature;
}

std::uint8_t with_type(std::uint8_t variant, ShredType type) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | proof_length_of(variant));
}

}  // namespace

// The shred is copied to where it will stay if its set opens.
AddResult FecResolver::add_candidate(SetRecord* known, const Arrival& shred,
                                     const std::optional<PublicKey>& leader) {
  const auto bytes = table_.next_memory().member(shred.member(), shred.layout.total);
  shred.payload.copy_to(bytes);
  if (!shred.payload.whole()) return {ShredOutcome::kTorn};
  HeldKey key{key_of(shred.header), signature_of(bytes), {}};
  if (!hasher_.fold(hasher_.leaf_of(bytes, shred.layout), shred.member(), proof_of(bytes, shred.layout),
                    key.root)) {
    return rejected(RejectReason::kMerkle);
  }
  HeldShreds::Entry* entry = nullptr;
  if (leader) {
    if (bad_signatures_.contains(key.signature, key.root, *leader)) {
      counters_.add(Counter::kShredNegativeHits);
      return rejected(RejectReason::kSignature);
    }
    entry = held_.touch(key);
    if (entry && (entry->members & shred.bit) != 0) return {ShredOutcome::kDuplicate};
    if (credit_ == 0 && (!entry || entry->count + 1 < kProvingMembers)) return hold(key, entry, shred, bytes);
    counters_.add(Counter::kShredSignatureChecks);
    if (!verify(*leader, key.root, key.signature)) {
      bad_signatures_.insert(key.signature, key.root, *leader);
      if (credit_ > 0) --credit_;
      release(entry, nullptr, RejectReason::kSignature);
      return rejected(RejectReason::kSignature);
    }
  }
  if (known) {
    release(entry, nullptr, RejectReason::kConflict);
    return report_conflict(*known, key.root, bytes);
  }
  SetRecord& record = open_set(key, shred.header.variant);
  release(entry, &record, RejectReason::kNone);
  Incoming in_place(bytes);
  return add_to_set(record, {shred.header, shred.layout, shred.bit, in_place});
}

AddResult FecResolver::hold(const HeldKey& key, HeldShreds::Entry* entry, const Arrival& shred,
                            std::span<const std::byte> bytes) {
  if (!entry) {
    std::size_t pushed_out = 0;
    entry = &held_.open(key, &pushed_out);
    counters_.add(Counter::kShredReleased, pushed_out);
    counters_.add(RejectReason::kUnproven, pushed_out);
  }
  HeldShreds::add(*entry, shred.member(), bytes);
  return {ShredOutcome::kHeld};
}

// Ends the waiting of an entry's shreds: they join `record`, or are rejected when there is none.
void FecResolver::release(HeldShreds::Entry* entry, SetRecord* record, RejectReason otherwise) {
  if (!entry) return;
  counters_.add(Counter::kShredReleased, entry->count);
  for (std::size_t i = 0; i < entry->count; ++i) {
    const ParsedShred parsed = parse_shred(entry->shreds[i]);
    Incoming held(entry->shreds[i]);
    tally(record ? add_to_set(*record, {parsed.header, layout_of(parsed.header.variant),
                                        std::uint64_t{1} << parsed.header.member(), held})
                 : rejected(otherwise));
  }
  held_.remove(*entry);
}

SetRecord& FecResolver::open_set(const HeldKey& key, std::uint8_t variant) {
  if (table_.full()) {
    SetRecord& victim = table_.victim();
    counters_.add(Counter::kFecSetsDropped);
    observer_->on_dropped(victim);
    table_.drop(victim);
  }
  if (!config_.root && !first_slot_) first_slot_ = key.set.slot;
  SetRecord& record = table_.open(key.set);
  record.signature = key.signature;
  record.root = key.root;
  record.data_variant =
      with_type(variant, is_resigned(variant) ? ShredType::kDataResigned : ShredType::kData);
  record.code_variant =
      with_type(variant, is_resigned(variant) ? ShredType::kCodeResigned : ShredType::kCode);
  table_.memory(record)->tree.reset(key.root);
  counters_.add(Counter::kFecSetsOpened);
  return record;
}

AddResult FecResolver::report_conflict(SetRecord& known, const MerkleHash& root,
                                       std::span<const std::byte> second) {
  known.conflict = true;
  counters_.add(Counter::kShredConflicts);
  std::span<const std::byte> first;
  if (const SetMemory* memory = table_.memory(known); memory && known.seen != 0) {
    const auto member = static_cast<std::size_t>(std::countr_zero(known.seen));
    first = memory->member(member, layout_of(known.variant_of(member)).total);
  }
  observer_->on_equivocation({known, first, second, root});
  return rejected(RejectReason::kConflict);
}

}  // namespace penstock
