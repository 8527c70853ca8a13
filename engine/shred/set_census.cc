// Counting shreds and members of FEC sets.
#include "engine/shred/set_census.h"

#include <bit>
#include <numeric>

namespace penstock {

std::uint64_t CensusSummary::shreds() const {
  return std::accumulate(by_variant.begin(), by_variant.end(), std::uint64_t{0});
}

std::size_t SetCensus::SetKeyHash::operator()(const SetKey& key) const {
  // FEC set indices are multiples of 32 below 2^15: shifting the slot leaves both apart.
  return static_cast<std::size_t>((key.slot << 16) ^ key.fec_set_index) * 0x9e3779b97f4a7c15u;
}

SetCensus::SetCensus(RuleMode mode, std::size_t max_sets, const RuleLimits& limits)
    : mode_(mode), limits_(limits), max_sets_(max_sets) {}

RejectReason SetCensus::add(std::span<const std::byte> payload) {
  const ParsedShred parsed = parse_shred(payload);
  const RejectReason reason = parsed.ok() ? check_rules(parsed.header, limits_, mode_) : parsed.reason;
  if (reason != RejectReason::kNone) {
    ++counts_.rejected[static_cast<std::size_t>(reason)];
    return reason;
  }
  ++counts_.by_variant[parsed.header.variant];
  add_member(parsed.header);
  return reason;
}

void SetCensus::add_member(const ShredHeader& header) {
  const SetKey key{header.slot, header.fec_set_index};
  auto set = members_.find(key);
  if (set == members_.end()) {
    if (members_.size() >= max_sets_) {
      ++counts_.beyond_limit;
      return;
    }
    set = members_.emplace(key, 0).first;
  }
  const std::uint64_t bit = std::uint64_t{1} << header.member();
  if ((set->second & bit) != 0) ++counts_.duplicates;
  set->second |= bit;
}

CensusSummary SetCensus::summary() const {
  CensusSummary summary = counts_;
  for (const auto& [key, members] : members_) {
    const int seen = std::popcount(members);
    if (seen == static_cast<int>(kFecSetShreds)) {
      ++summary.sets_full;
    } else if (seen >= static_cast<int>(kFecDataShreds)) {
      ++summary.sets_recoverable;
    } else {
      ++summary.sets_partial;
    }
  }
  return summary;
}

}  // namespace penstock
