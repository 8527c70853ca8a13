// What shreds a run or a capture held, by header alone: shreds by variant, FEC sets by how many of
// their 64 members were seen. No cryptography: a forged shred with good headers counts. Who needs
// to know which sets are real uses the FEC resolver.
//
// Invariants
//   1. Every payload given to add() is counted once: by variant, or rejected under one reason.
//   2. Memory is bounded: at most max_sets sets are followed. Members of further sets count in
//      by_variant and in beyond_limit, and are missing from the set counts.
//
// Thread safety: none; one census, one thread. add() allocates for a new set: not for the packet path.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "engine/shred/parse.h"
#include "engine/shred/rules.h"

namespace penstock {

struct CensusSummary {
  std::array<std::uint64_t, 256> by_variant{};           // indexed by variant byte, duplicates included
  std::array<std::uint64_t, kRejectReasons> rejected{};  // indexed by RejectReason
  std::uint64_t duplicates = 0;                          // member of a set that was seen before
  std::uint64_t beyond_limit = 0;                        // members of sets that were not followed
  std::uint64_t sets_full = 0;                           // 64 distinct members
  std::uint64_t sets_recoverable = 0;                    // 32 to 63
  std::uint64_t sets_partial = 0;                        // 1 to 31

  std::uint64_t sets() const { return sets_full + sets_recoverable + sets_partial; }
  std::uint64_t shreds() const;
};

class SetCensus {
 public:
  static constexpr std::size_t kDefaultMaxSets = 1 << 16;

  explicit SetCensus(RuleMode mode = RuleMode::kCompat, std::size_t max_sets = kDefaultMaxSets,
                     const RuleLimits& limits = {});

  // Counts one turbine payload; kNone when it was a shred.
  RejectReason add(std::span<const std::byte> payload);

  CensusSummary summary() const;

 private:
  struct SetKey {
    std::uint64_t slot;
    std::uint32_t fec_set_index;
    bool operator==(const SetKey&) const = default;
  };
  struct SetKeyHash {
    std::size_t operator()(const SetKey& key) const;
  };

  void add_member(const ShredHeader& header);

  RuleMode mode_;
  RuleLimits limits_;
  std::size_t max_sets_;
  CensusSummary counts_;                                           // all but the three set counts
  std::unordered_map<SetKey, std::uint64_t, SetKeyHash> members_;  // bit = ShredHeader::member()
};

}  // namespace penstock
