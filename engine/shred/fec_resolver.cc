// The way of one shred through the checks. Each step either ends it or hands it to the next.
#include "engine/shred/fec_resolver.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/base/check.h"

namespace penstock {
namespace {

AddResult rejected(RejectReason reason) {
  return {ShredOutcome::kRejected, reason};
}

Signature signature_of(std::span<const std::byte> shred) {
  Signature signature;
  std::copy_n(shred.begin(), signature.size(), signature.begin());
  return signature;
}

bool signed_by(const SetRecord& record, std::span<const std::byte> shred) {
  return std::memcmp(record.signature.data(), shred.data(), kSignatureSize) == 0;
}

std::uint8_t with_type(std::uint8_t variant, ShredType type) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | proof_length_of(variant));
}

}  // namespace

FecResolver::FecResolver(const FecResolverConfig& config, const LeaderSchedule* leaders,
                         ResolverObserver* observer, RepairRequests* repair)
    : config_(config),
      leaders_(leaders),
      observer_(observer ? observer : &silent_),
      repair_(repair),
      table_(config.max_open_sets, config.history, config.reuse_after, config.hash_seed),
      recovery_(config.limits, config.mode),
      held_(config.held_sets, config.hash_seed),
      bad_signatures_(config.negative_cells, config.hash_seed),
      credit_(config.signature_credit) {}

AddResult FecResolver::add(std::span<const std::byte> payload) {
  counters_.add(Counter::kShredConsumed);
  return tally(take(parse_shred(payload), payload));
}

AddResult FecResolver::add_repair(std::span<const std::byte> payload) {
  counters_.add(Counter::kShredConsumed);
  const ParsedRepair parsed = parse_repair_response(payload);
  if (parsed.shred.ok() && repair_ && !repair_->expects(parsed.shred.header, parsed.nonce)) {
    return tally(rejected(RejectReason::kNonce));
  }
  return tally(take(parsed.shred, payload));
}

AddResult FecResolver::tally(AddResult result) {
  switch (result.outcome) {
    case ShredOutcome::kAccepted:
      break;  // counted where it happens: a release accepts several
    case ShredOutcome::kDuplicate:
      counters_.add(Counter::kShredDuplicate);
      break;
    case ShredOutcome::kLate:
      counters_.add(Counter::kShredLate);
      break;
    case ShredOutcome::kHeld:
      counters_.add(Counter::kShredHeld);
      break;
    case ShredOutcome::kRejected:
      counters_.add(result.reason);
      break;
  }
  return result;
}

AddResult FecResolver::take(const ParsedShred& parsed, std::span<const std::byte> payload) {
  if (!parsed.ok()) return rejected(parsed.reason);
  if (parsed.trailing_bytes != 0) counters_.add(Counter::kShredTrailing);
  const ShredHeader& header = parsed.header;
  if (const RejectReason reason = check_header(header); reason != RejectReason::kNone)
    return rejected(reason);
  std::optional<PublicKey> leader;
  if (leaders_) {
    leader = leaders_->leader(header.slot);
    if (!leader) return rejected(RejectReason::kLeader);
  }
  const ShredLayout layout = layout_of(header.variant);
  const Arrival shred{header, layout, payload.first(layout.total), std::uint64_t{1} << header.member()};
  SetRecord* known = table_.find(key_of(header));
  if (known && signed_by(*known, shred.bytes)) return add_to_set(*known, shred);
  if (known && known->conflict) return rejected(RejectReason::kConflict);
  return add_candidate(known, shred, leader);
}

RejectReason FecResolver::check_header(const ShredHeader& header) const {
  if (config_.version && header.version != *config_.version) return RejectReason::kVersion;
  if (!in_window(header)) return RejectReason::kSlotWindow;
  return check_rules(header, config_.limits, config_.mode);
}

bool FecResolver::in_window(const ShredHeader& header) const {
  if (!config_.root) {
    return !first_slot_ || (header.slot >= *first_slot_ && header.slot - *first_slot_ <= config_.slots_ahead);
  }
  const std::uint64_t root = *config_.root;
  if (header.slot == 0 && root == 0) return true;  // genesis is its own root
  if (header.slot <= root || header.slot - root > config_.slots_ahead) return false;
  // A parent_offset beyond the slot is left to rule 10.
  return !header.is_data() || header.parent_offset > header.slot ||
         header.slot - header.parent_offset >= root;
}

AddResult FecResolver::add_to_set(SetRecord& record, const Arrival& shred) {
  if (record.state == SetState::kFailed) return rejected(RejectReason::kRecovery);
  if ((record.seen & shred.bit) != 0) return {ShredOutcome::kDuplicate};
  // Another type or proof length cannot be in this set: that byte is part of what the leader signed.
  if (shred.header.variant != record.variant_of(shred.header.member()))
    return rejected(RejectReason::kMerkle);
  if (record.state == SetState::kFinished) return add_late(record, shred);

  SetMemory* memory = table_.memory(record);
  PENSTOCK_CHECK(memory != nullptr);  // open sets keep theirs
  const MerkleHash leaf = hasher_.leaf_of(shred.bytes, shred.layout);
  if (!proves(record, *memory, shred, leaf)) return rejected(RejectReason::kMerkle);

  const std::uint32_t member = shred.header.member();
  const auto place = memory->member(member, shred.bytes.size());
  std::copy(shred.bytes.begin(), shred.bytes.end(), place.begin());
  memory->leaves[member] = leaf;
  record.seen |= shred.bit;
  const bool completing = std::popcount(record.seen) == static_cast<int>(kFecDataShreds);
  if (completing && !complete(record, *memory)) return rejected(RejectReason::kRecovery);

  counters_.add(Counter::kShredAccepted);
  if (++accepted_since_credit_ == kAcceptedPerCredit) {
    accepted_since_credit_ = 0;
    if (credit_ < config_.signature_credit) ++credit_;
  }
  observer_->on_accepted({shred.header, place, record});
  if (completing) {
    const FinishedSet finished{record, *memory, follows_rule_8(record, *memory)};
    if (!finished.follows_rule_8) counters_.add(Counter::kFecSetsRule8);
    observer_->on_finished(finished);
  }
  return {ShredOutcome::kAccepted};
}

bool FecResolver::proves(const SetRecord& record, SetMemory& memory, const Arrival& shred,
                         const MerkleHash& leaf) {
  const std::uint32_t member = shred.header.member();
  const auto proof = shred.bytes.subspan(shred.layout.proof, shred.layout.proof_length * kProofEntrySize);
  if (shred.layout.proof_length == kFecProofLength) return memory.tree.add(hasher_, leaf, member, proof);
  MerkleHash root;
  return hasher_.fold(leaf, member, proof, root) && root == record.root;
}

// The 32nd member: rebuild and check the set.
bool FecResolver::complete(SetRecord& record, SetMemory& memory) {
  const bool good = recovery_.recover(hasher_, record, memory);
  table_.finish(record, good ? SetState::kFinished : SetState::kFailed);
  counters_.add(good ? Counter::kFecSetsFinished : Counter::kFecSetsFailed);
  if (!good) observer_->on_failed(record);
  return good;
}

// All 64 shreds of a finished set are in its memory, so a late one needs no cryptography: it is the same
// bytes, or it is junk under a copied signature. (A retransmitter's signature may differ.)
AddResult FecResolver::add_late(SetRecord& record, const Arrival& shred) {
  if (const SetMemory* memory = table_.memory(record)) {
    const std::size_t size =
        shred.layout.retransmitter_signature != 0 ? shred.layout.retransmitter_signature : shred.layout.total;
    const auto rebuilt = memory->member(shred.header.member(), size);
    if (std::memcmp(rebuilt.data(), shred.bytes.data(), size) != 0) return rejected(RejectReason::kMerkle);
  }
  record.seen |= shred.bit;
  observer_->on_late(record, shred.header);
  return {ShredOutcome::kLate};
}

AddResult FecResolver::add_candidate(SetRecord* known, const Arrival& shred,
                                     const std::optional<PublicKey>& leader) {
  HeldKey key{key_of(shred.header), signature_of(shred.bytes), {}};
  const auto proof = shred.bytes.subspan(shred.layout.proof, shred.layout.proof_length * kProofEntrySize);
  if (!hasher_.fold(hasher_.leaf_of(shred.bytes, shred.layout), shred.header.member(), proof, key.root)) {
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
    if (credit_ == 0 && (!entry || entry->count + 1 < kProvingMembers)) return hold(key, entry, shred);
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
    return report_conflict(*known, key, shred);
  }
  SetRecord& record = open_set(key, shred.header.variant);
  release(entry, &record, RejectReason::kNone);
  return add_to_set(record, shred);
}

AddResult FecResolver::hold(const HeldKey& key, HeldShreds::Entry* entry, const Arrival& shred) {
  if (!entry) {
    std::size_t pushed_out = 0;
    entry = &held_.open(key, &pushed_out);
    counters_.add(Counter::kShredReleased, pushed_out);
    counters_.add(RejectReason::kUnproven, pushed_out);
  }
  HeldShreds::add(*entry, shred.header.member(), shred.bytes);
  return {ShredOutcome::kHeld};
}

// Ends the waiting of an entry's shreds: they join `record`, or are rejected when there is none.
void FecResolver::release(HeldShreds::Entry* entry, SetRecord* record, RejectReason otherwise) {
  if (!entry) return;
  counters_.add(Counter::kShredReleased, entry->count);
  for (std::size_t i = 0; i < entry->count; ++i) {
    const ParsedShred parsed = parse_shred(entry->shreds[i]);
    const ShredLayout layout = layout_of(parsed.header.variant);
    const Arrival shred{parsed.header, layout,
                        std::span<const std::byte>(entry->shreds[i]).first(layout.total),
                        std::uint64_t{1} << parsed.header.member()};
    tally(record ? add_to_set(*record, shred) : rejected(otherwise));
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

AddResult FecResolver::report_conflict(SetRecord& known, const HeldKey& key, const Arrival& shred) {
  known.conflict = true;
  counters_.add(Counter::kShredConflicts);
  std::span<const std::byte> first;
  if (const SetMemory* memory = table_.memory(known); memory && known.seen != 0) {
    const auto member = static_cast<std::size_t>(std::countr_zero(known.seen));
    first = memory->member(member, layout_of(known.variant_of(member)).total);
  }
  observer_->on_equivocation({known, first, shred.bytes, key.root});
  return rejected(RejectReason::kConflict);
}

void FecResolver::set_root(std::uint64_t slot) {
  config_.root = slot;
  for (std::size_t i = table_.open_sets(); i > 0; --i) {
    SetRecord& record = table_.open_set(i - 1);
    if (record.key.slot > slot) continue;
    counters_.add(Counter::kFecSetsDropped);
    observer_->on_dropped(record);
    table_.drop(record);
  }
}

}  // namespace penstock
