// A game against the resolver: moves are honest shreds, duplicates, forgeries of every kind, second signed
// sets, signed sets that contradict themselves, payloads torn while they are read, repair responses and
// moving roots, in an order that a seed or a fuzzer chooses. After every move the promises of fec_resolver.h
// are checked; a broken one ends the process.
//
//   1. nothing is accepted but the bytes of a set whose root a leader signed
//   2. a set is finished at most once while it is remembered, with exactly its 64 shreds; a set that
//      contradicts itself never is
//   3. every payload under one outcome; one that was torn under none
//   4. open sets and held shreds stay within their limits
//   5. a second resolver, which is given the same payloads by push(), counts the same and tells its observer
//   the
//      same in the same order, whenever it is flushed
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <span>
#include <vector>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock::testing {

// Who chooses the moves.
class Choices {
 public:
  virtual ~Choices() = default;
  virtual bool any_left() const = 0;
  virtual std::uint64_t below(std::uint64_t limit) = 0;  // limit at least 1
};

class SeededChoices final : public Choices {
 public:
  explicit SeededChoices(std::uint64_t seed) : random_(seed) {}
  bool any_left() const override { return true; }
  std::uint64_t below(std::uint64_t limit) override { return random_() % limit; }

 private:
  std::mt19937_64 random_;
};

// Two bytes a choice; zeros behind the last.
class ByteChoices final : public Choices {
 public:
  explicit ByteChoices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool any_left() const override { return at_ < bytes_.size(); }
  std::uint64_t below(std::uint64_t limit) override;

 private:
  std::uint64_t next() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

// The sets of a game: four slots of six sets, a second set for some places, and some that contradict
// themselves.
class GameSets {
 public:
  static constexpr std::uint64_t kFirstSlot = 1000;
  static constexpr std::uint32_t kSlots = 4;
  static constexpr std::uint32_t kSetsPerSlot = 6;

  explicit GameSets(std::uint64_t seed);

  const std::vector<SignedSet>& all() const { return sets_; }
  // The set with this root; null when no leader signed it.
  const SignedSet* by_root(const MerkleHash& root) const;
  bool contradicts(const SignedSet& set) const { return contradicting_.contains(set.root); }

 private:
  std::vector<SignedSet> sets_;
  std::map<MerkleHash, std::size_t> by_root_;
  std::set<MerkleHash> contradicting_;
};

// What a resolver told, in order, as numbers that differ where the events do.
class EventLog final : public ResolverObserver {
 public:
  void on_accepted(const AcceptedShred& shred) override;
  void on_late(const SetRecord& set, const ShredHeader& header) override { note(2, set, header.member()); }
  void on_finished(const FinishedSet& finished) override { note(3, finished.set, finished.set.seen); }
  void on_failed(const SetRecord& set) override { note(4, set, set.seen); }
  void on_dropped(const SetRecord& set) override { note(5, set, set.seen); }
  void on_equivocation(const Equivocation& both) override { note(6, both.set, both.second.size()); }

  void note(std::uint64_t event, const SetRecord& set, std::uint64_t detail);
  bool operator==(const EventLog& other) const { return events_ == other.events_; }
  void clear() { events_.clear(); }

 private:
  std::vector<std::array<std::uint64_t, 4>> events_;
};

class ResolverGame final : public ResolverObserver {
 public:
  ResolverGame(const GameSets& sets, const FecResolverConfig& config);

  // One move. Sets near `front` of the game (0 to 1000) are the likely ones.
  void move(Choices& choices, std::uint64_t front);
  // What must hold at the end.
  void finish();

  const FecResolver& resolver() const { return resolver_; }

  void on_accepted(const AcceptedShred& shred) override;
  void on_finished(const FinishedSet& finished) override;
  void on_failed(const SetRecord& set) override;
  void on_late(const SetRecord& set, const ShredHeader& header) override { log_.on_late(set, header); }
  void on_dropped(const SetRecord& set) override;
  void on_equivocation(const Equivocation& both) override { log_.on_equivocation(both); }

 private:
  void send(std::span<const std::byte> payload, bool repair, bool whole);
  void compare_with_pairs();

  const GameSets& sets_;
  FecResolverConfig config_;
  FixedLeader leader_;
  EventLog log_, log_of_pairs_;
  FecResolver resolver_;
  FecResolver pairs_;  // the same by push()
  std::uint64_t moves_ = 0;
  std::set<SetKey> finished_;
  std::uint64_t dropped_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t whole_ = 0;  // payloads that were not torn
  std::uint64_t root_ = 0;
};

}  // namespace penstock::testing
