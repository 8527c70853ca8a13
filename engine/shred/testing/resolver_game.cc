// The moves, and what is checked behind each.
#include "engine/shred/testing/resolver_game.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>

#include "engine/base/check.h"

namespace penstock::testing {
namespace {

using Shred = std::vector<std::byte>;

constexpr std::size_t kOffset = 256 + 42;  // of a payload in its frame, as an XDP frame has it

// Equal but for the retransmitter's signature, which nobody can check: the first to come is kept.
bool same_shred(std::span<const std::byte> a, std::span<const std::byte> b) {
  if (a.size() != b.size()) return false;
  const ShredLayout layout = layout_of(std::to_integer<std::uint8_t>(b[kVariantOffset]));
  const std::size_t size =
      layout.retransmitter_signature != 0 ? layout.retransmitter_signature : layout.total;
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(size), b.begin());
}

std::byte any_byte(Choices& choices) {
  return static_cast<std::byte>(choices.below(256));
}

void fill(std::span<std::byte> bytes, Choices& choices) {
  std::mt19937_64 random(choices.below(65'536));
  for (std::byte& byte : bytes)
    byte = static_cast<std::byte>(random());
}

// A shred as an attacker without a key sends it.
void forge(Shred& shred, Choices& choices) {
  switch (choices.below(8)) {
    case 0:  // any byte
      shred[choices.below(shred.size())] ^= static_cast<std::byte>(1 + choices.below(255));
      break;
    case 1:  // a byte of the headers
      shred[kSignatureSize + choices.below(kCodeHeadersSize - kSignatureSize)] = any_byte(choices);
      break;
    case 2:  // another signature
      fill(std::span(shred).first(kSignatureSize), choices);
      break;
    case 3:  // all headers
      fill(std::span(shred).subspan(kSignatureSize, kCodeHeadersSize - kSignatureSize), choices);
      break;
    case 4:  // cut short
      shred.resize(choices.below(shred.size()));
      break;
    case 5:  // payload
      fill(std::span(shred).subspan(200, 100), choices);
      break;
    case 6:  // longer
      shred.resize(shred.size() + 1 + choices.below(200), any_byte(choices));
      break;
    default:  // noise altogether
      fill(shred, choices);
      break;
  }
}

struct Answer final : Recheck {
  explicit Answer(bool is_whole) : whole(is_whole) {}
  bool still_whole() override { return whole; }
  bool whole;
};

}  // namespace

std::uint64_t ByteChoices::below(std::uint64_t limit) {
  const std::uint64_t low = next();
  return (limit > 256 ? low | next() << 8 : low) % limit;
}

GameSets::GameSets(std::uint64_t seed) {
  for (std::uint32_t s = 0; s < kSlots * kSetsPerSlot; ++s) {
    SetPlan plan{.slot = kFirstSlot + s / kSetsPerSlot, .fec_set_index = 32 * (s % kSetsPerSlot)};
    plan.resigned = s % kSetsPerSlot == kSetsPerSlot - 1;
    plan.seed = seed << 8 | s;
    if (s % 9 == 5) {
      plan.before_hashing = [](std::size_t member, Shred& shred) {
        if (member == 61) shred[500] ^= std::byte{1};
      };
    }
    sets_.push_back(make_signed_set(plan));
    if (plan.before_hashing) contradicting_.insert(sets_.back().root);
    if (s % 8 == 3) {  // and a second one for its place
      plan.seed += 1000;
      sets_.push_back(make_signed_set(plan));
    }
  }
  for (std::size_t i = 0; i < sets_.size(); ++i)
    by_root_[sets_[i].root] = i;
}

const SignedSet* GameSets::by_root(const MerkleHash& root) const {
  const auto found = by_root_.find(root);
  return found == by_root_.end() ? nullptr : &sets_[found->second];
}

ResolverGame::ResolverGame(const GameSets& sets, const FecResolverConfig& config)
    : sets_(sets),
      config_(config),
      leader_(public_key_of(test_leader(0))),
      resolver_(config, &leader_, this),
      pairs_(config, &leader_, &log_of_pairs_) {}

void EventLog::note(std::uint64_t event, const SetRecord& set, std::uint64_t detail) {
  events_.push_back({event, set.key.slot, set.key.fec_set_index, detail});
}

void EventLog::on_accepted(const AcceptedShred& shred) {
  const std::string_view bytes(reinterpret_cast<const char*>(shred.bytes.data()), shred.bytes.size());
  note(1, shred.set, std::hash<std::string_view>{}(bytes));
}

void ResolverGame::on_dropped(const SetRecord& set) {
  ++dropped_;
  log_.on_dropped(set);
}

void ResolverGame::compare_with_pairs() {
  pairs_.flush();
  PENSTOCK_CHECK(pairs_.counters().snapshot() == resolver_.counters().snapshot());
  PENSTOCK_CHECK(log_of_pairs_ == log_);
  log_.clear();
  log_of_pairs_.clear();
}

void ResolverGame::on_accepted(const AcceptedShred& shred) {
  const SignedSet* set = sets_.by_root(shred.set.root);
  PENSTOCK_CHECK(set != nullptr);  // else: accepted under a root that no leader signed
  PENSTOCK_CHECK(same_shred(shred.bytes, set->shreds[shred.header.member()]));
  log_.on_accepted(shred);
}

void ResolverGame::on_finished(const FinishedSet& finished) {
  const SignedSet* set = sets_.by_root(finished.set.root);
  PENSTOCK_CHECK(set != nullptr && !sets_.contradicts(*set));
  PENSTOCK_CHECK(finished_.insert(finished.set.key).second);  // else: finished twice
  for (std::size_t i = 0; i < kFecSetShreds; ++i)
    PENSTOCK_CHECK(same_shred(finished.member(i), set->shreds[i]));
  log_.on_finished(finished);
}

void ResolverGame::on_failed(const SetRecord& record) {
  const SignedSet* set = sets_.by_root(record.root);
  PENSTOCK_CHECK(set != nullptr && sets_.contradicts(*set));
  ++failed_;
  log_.on_failed(record);
}

void ResolverGame::send(std::span<const std::byte> payload, bool repair, bool whole) {
  alignas(64) std::array<std::byte, 4096> frame{};
  PENSTOCK_CHECK(payload.size() <= frame.size() - kOffset - 8);
  std::copy(payload.begin(), payload.end(), frame.begin() + kOffset);
  Answer answer(whole);
  Incoming incoming{std::span(frame).subspan(kOffset, payload.size()), answer};
  const AddResult result = repair ? resolver_.add_repair(incoming) : resolver_.add(incoming);
  PENSTOCK_CHECK((result.outcome == ShredOutcome::kTorn) == !whole);
  PENSTOCK_CHECK((result.outcome == ShredOutcome::kRejected) == (result.reason != RejectReason::kNone));
  whole_ += whole;

  Answer same_answer(whole);
  Incoming again{std::span(frame).subspan(kOffset, payload.size()), same_answer};
  if (repair) {
    pairs_.add_repair(again);
  } else {
    pairs_.push(again);
  }
  frame.fill(std::byte{0xee});  // its frame may be overwritten from here on
  if (++moves_ % 5 == 0) compare_with_pairs();
}

void ResolverGame::move(Choices& choices, std::uint64_t front) {
  const auto& all = sets_.all();
  const std::size_t middle = front * all.size() / 1000;
  const std::size_t chosen =
      std::min(all.size() - 1, middle + choices.below(5) - std::min<std::size_t>(middle, 2));
  Shred shred = all[chosen].shreds[choices.below(kFecSetShreds)];
  const std::uint64_t kind = choices.below(64);
  if (kind < 20) forge(shred, choices);
  const bool repair = kind == 20;
  if (repair) shred.resize(shred.size() + kRepairNonceSize);
  send(shred, repair, kind < 60);  // else torn
  if (kind == 21 && choices.below(64) == 0) {
    root_ = std::max(root_, GameSets::kFirstSlot - 1 + choices.below(GameSets::kSlots));
    resolver_.set_root(root_);
    pairs_.set_root(root_);
  }
  const ResolverCounts counts = resolver_.counts();
  PENSTOCK_CHECK(counts.added == whole_ && counts.added == counts.accounted());
  PENSTOCK_CHECK(resolver_.open_sets() <= config_.max_open_sets);
  PENSTOCK_CHECK(counts.held <= config_.held_sets * HeldShreds::kShredsPerEntry);
}

void ResolverGame::finish() {
  compare_with_pairs();
  const ResolverCounts counts = resolver_.counts();
  PENSTOCK_CHECK(counts.sets_finished == finished_.size());
  PENSTOCK_CHECK(counts.sets_failed == failed_);
  PENSTOCK_CHECK(counts.sets_dropped == dropped_);
  PENSTOCK_CHECK(counts.sets_opened ==
                 counts.sets_finished + counts.sets_failed + counts.sets_dropped + resolver_.open_sets());
}

}  // namespace penstock::testing
