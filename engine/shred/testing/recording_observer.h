// An observer that keeps what the resolver told it, by value.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "engine/shred/fec_resolver.h"

namespace penstock::testing {

struct RecordedSet {
  MerkleHash root{};
  std::uint64_t seen = 0;
  bool follows_rule_8 = false;
  std::array<std::vector<std::byte>, 64> shreds;
};

class RecordingObserver final : public ResolverObserver {
 public:
  struct Conflict {
    SetKey key;
    std::vector<std::byte> first;
    std::vector<std::byte> second;
  };

  void on_accepted(const AcceptedShred& shred) override {
    accepted.emplace_back(shred.bytes.begin(), shred.bytes.end());
  }
  void on_finished(const FinishedSet& finished) override {
    RecordedSet recorded{finished.set.root, finished.set.seen, finished.follows_rule_8, {}};
    for (std::size_t i = 0; i < 64; ++i) {
      const auto member = finished.member(i);
      recorded.shreds[i].assign(member.begin(), member.end());
    }
    ++times_finished[finished.set.key];
    sets[finished.set.key] = std::move(recorded);
  }
  void on_late(const SetRecord&, const ShredHeader& header) override { late.push_back(header); }
  void on_failed(const SetRecord& set) override { failed.push_back(set.key); }
  void on_dropped(const SetRecord& set) override { dropped.push_back(set.key); }
  void on_equivocation(const Equivocation& e) override {
    conflicts.push_back({e.set.key, {e.first.begin(), e.first.end()}, {e.second.begin(), e.second.end()}});
  }

  std::vector<std::vector<std::byte>> accepted;
  std::vector<ShredHeader> late;
  std::map<SetKey, RecordedSet> sets;
  std::map<SetKey, int> times_finished;
  std::vector<SetKey> failed;
  std::vector<SetKey> dropped;
  std::vector<Conflict> conflicts;
};

}  // namespace penstock::testing
