// The way of one shred through the checks. Each step either ends it or hands it to the next.
#include "engine/shred/fec_resolver.h"

#include <bit>

#include "engine/base/check.h"
#include "engine/shred/resolver_parts.h"

namespace penstock {

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
  Incoming incoming(payload);
  return add(incoming);
}

AddResult FecResolver::add_repair(std::span<const std::byte> payload) {
  Incoming incoming(payload);
  return add_repair(incoming);
}

AddResult FecResolver::add(Incoming& payload) {
  flush();
  const ParsedShred parsed = parse_shred_head(payload.head(), payload.size());
  return finish(take(route_of(parsed, payload), parsed, payload), parsed, payload);
}

AddResult FecResolver::add_repair(Incoming& payload) {
  flush();
  ParsedShred parsed = parse_shred_head(payload.head(), payload.size());
  if (parsed.ok()) {
    if (parsed.trailing_bytes != kRepairNonceSize) {
      parsed.reason = RejectReason::kLength;
    } else if (repair_) {
      const std::uint32_t nonce = payload.word_at(payload.size() - kRepairNonceSize);
      if (!payload.whole()) return {ShredOutcome::kTorn};
      if (!repair_->expects(parsed.header, nonce)) parsed.reason = RejectReason::kNonce;
    }
    parsed.trailing_bytes = 0;
  }
  return finish(take(route_of(parsed, payload), parsed, payload), parsed, payload);
}

AddResult FecResolver::finish(AddResult result, const ParsedShred& parsed, Incoming& payload) {
  // What changed anything has asked before.
  if (!payload.whole()) return {ShredOutcome::kTorn};
  return count(result, parsed);
}

AddResult FecResolver::count(AddResult result, const ParsedShred& parsed) {
  counters_.add(Counter::kShredConsumed);
  if (parsed.ok() && parsed.trailing_bytes != 0) counters_.add(Counter::kShredTrailing);
  return tally(result);
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
    case ShredOutcome::kTorn:
      break;
  }
  return result;
}

FecResolver::Route FecResolver::route_of(const ParsedShred& parsed, const Incoming& payload) {
  Route route{.reason = parsed.reason};
  if (!parsed.ok()) return route;
  const ShredHeader& header = parsed.header;
  route.reason = check_header(header);
  if (route.reason != RejectReason::kNone || config_.checks == ShredChecks::kCheap) return route;
  if (leaders_ && !leaders_->leader(header.slot)) {
    route.reason = RejectReason::kLeader;
    return route;
  }
  route.known = table_.find(key_of(header));
  if (!route.known) return route;
  const SetRecord& known = *route.known;
  route.by_its_signature = signed_by(known, payload.head());
  const bool seen = (known.seen >> header.member() & 1) != 0;
  route.joins = route.by_its_signature && known.state == SetState::kOpen && !seen &&
                header.variant == known.variant_of(header.member());
  return route;
}

AddResult FecResolver::take(const Route& route, const ParsedShred& parsed, Incoming& payload) {
  if (route.reason != RejectReason::kNone) return rejected(route.reason);
  const ShredHeader& header = parsed.header;
  if (config_.checks == ShredChecks::kCheap) {
    if (payload.whole()) counters_.add(Counter::kShredAccepted);
    return {ShredOutcome::kAccepted};
  }
  const Arrival shred{header, layout_of(header.variant), std::uint64_t{1} << header.member(), payload};
  if (route.by_its_signature) return add_to_set(*route.known, shred);
  if (route.known && route.known->conflict) return rejected(RejectReason::kConflict);
  // Asked again rather than carried by every shred: only a candidate, which costs microseconds, needs the
  // key.
  return add_candidate(route.known, shred, leaders_ ? leaders_->leader(header.slot) : std::nullopt);
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
  if (shred.header.variant != record.variant_of(shred.member())) return rejected(RejectReason::kMerkle);
  if (record.state == SetState::kFinished) return add_late(record, shred);

  SetMemory* memory = table_.memory(record);
  PENSTOCK_CHECK(memory != nullptr);  // open sets keep theirs
  // Nobody reads a member that is not seen: what is written there now may yet turn out to be junk.
  const auto place = memory->member(shred.member(), shred.layout.total);
  shred.payload.copy_to(place);
  if (!shred.payload.whole()) return {ShredOutcome::kTorn};
  return join(record, shred.header, shred.layout, place, hasher_.leaf_of(place, shred.layout));
}

AddResult FecResolver::join(SetRecord& record, const ShredHeader& header, const ShredLayout& layout,
                            std::span<const std::byte> bytes, const MerkleHash& leaf) {
  SetMemory& memory = *table_.memory(record);
  if (!proves(record, memory, header.member(), layout, bytes, leaf)) return rejected(RejectReason::kMerkle);
  record.seen |= std::uint64_t{1} << header.member();
  const bool completing = std::popcount(record.seen) == static_cast<int>(kFecDataShreds);
  if (completing && !complete(record, memory)) return rejected(RejectReason::kRecovery);

  counters_.add(Counter::kShredAccepted);
  if (++accepted_since_credit_ == kAcceptedPerCredit) {
    accepted_since_credit_ = 0;
    if (credit_ < config_.signature_credit) ++credit_;
  }
  observer_->on_accepted({header, bytes, record});
  if (completing) end_complete(record, memory);
  return {ShredOutcome::kAccepted};
}

bool FecResolver::proves(const SetRecord& record, SetMemory& memory, std::uint32_t member,
                         const ShredLayout& layout, std::span<const std::byte> bytes,
                         const MerkleHash& leaf) {
  const auto proof = proof_of(bytes, layout);
  bool proven = false;
  if (layout.proof_length == kFecProofLength) {
    proven = memory.tree.add(hasher_, leaf, member, proof);
  } else {
    MerkleHash root;
    proven = hasher_.fold(leaf, member, proof, root) && root == record.root;
  }
  if (proven) memory.leaves[member] = leaf;
  return proven;
}

// The 32nd member: rebuild and check the set.
bool FecResolver::complete(SetRecord& record, SetMemory& memory) {
  const bool good = recovery_.recover(hasher_, record, memory);
  table_.finish(record, good ? SetState::kFinished : SetState::kFailed);
  counters_.add(good ? Counter::kFecSetsFinished : Counter::kFecSetsFailed);
  if (!good) observer_->on_failed(record);
  return good;
}

void FecResolver::end_complete(const SetRecord& record, const SetMemory& memory) {
  const FinishedSet finished{record, memory, follows_rule_8(record, memory)};
  if (!finished.follows_rule_8) counters_.add(Counter::kFecSetsRule8);
  observer_->on_finished(finished);
  if (!config_.follow_slots || record.key.slot < *config_.follow_slots) return;
  const std::uint64_t root = record.key.slot - *config_.follow_slots;
  if (!config_.root || root > *config_.root) set_root(root);
}

// All 64 shreds of a finished set are in its memory, so a late one needs no cryptography: it is the same
// bytes, or it is junk under a copied signature. (A retransmitter's signature may differ.)
AddResult FecResolver::add_late(SetRecord& record, const Arrival& shred) {
  if (const SetMemory* memory = table_.memory(record)) {
    const std::size_t size =
        shred.layout.retransmitter_signature != 0 ? shred.layout.retransmitter_signature : shred.layout.total;
    if (!shred.payload.begins_with(memory->member(shred.member(), size)))
      return rejected(RejectReason::kMerkle);
  }
  if (!shred.payload.whole()) return {ShredOutcome::kTorn};
  record.seen |= shred.bit;
  observer_->on_late(record, shred.header);
  return {ShredOutcome::kLate};
}

void FecResolver::set_root(std::uint64_t slot) {
  flush();
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
