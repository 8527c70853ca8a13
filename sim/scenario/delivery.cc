// Digest, census and shred stage of what was delivered.
#include "sim/scenario/delivery.h"

#include <string>
#include <vector>

#include <fmt/format.h>

namespace penstock {

Delivery::Delivery(const ShredStageConfig& stage)
    : stage_(stage),
      census_(stage.rules, SetCensus::kDefaultMaxSets, {stage.max_index}),
      reporter_(std::make_unique<ShredsReporter>(ShredsReportOptions{.leader = stage.leader,
                                                                     .version = stage.version,
                                                                     .mode = stage.rules,
                                                                     .limits = {stage.max_index},
                                                                     .checks = stage.checks,
                                                                     .limit_checks = true})) {
  if (stage.numbered) numbers_.emplace(*stage.numbered);
}

std::uint64_t Delivery::add(const Endpoint& source, const Endpoint& destination,
                            std::span<const std::byte> payload) {
  ++datagrams_;
  if (stage_.repair_port != 0 && destination.port == stage_.repair_port) {
    reporter_->add_repair(payload);
  } else {
    reporter_->add(payload);
    census_.add(payload);
  }
  if (!numbers_) return digest_.add_datagram(source, destination, payload);
  numbers_->add(payload);
  return 0;
}

ShredCounts Delivery::shreds() const {
  const ShredsReport report = reporter_->report();
  const ResolverCounts& found = report.counts;
  ShredCounts counts{.accepted = found.accepted,
                     .duplicate = found.duplicates,
                     .late = found.late,
                     .held = found.held,
                     .conflicts = found.equivocations,
                     .signature_checks = found.signature_checks};
  for (std::size_t i = 1; i < kRejectReasons; ++i) {
    if (found.rejected[i] != 0)
      counts.discarded[std::string(name_of(static_cast<RejectReason>(i)))] = found.rejected[i];
  }
  const CensusSummary summary = census_.summary();
  for (std::size_t variant = 0; variant < summary.by_variant.size(); ++variant) {
    if (summary.by_variant[variant] != 0)
      counts.variants[fmt::format("{:#04x}", variant)] = summary.by_variant[variant];
  }
  if (full()) {
    counts.sets_complete = report.sets_in(ReportedSet::State::kComplete);
    counts.sets_recovered = report.sets_in(ReportedSet::State::kRecovered);
    counts.sets_incomplete = report.sets_in(ReportedSet::State::kIncomplete);
  } else {
    counts.sets_complete = summary.sets_full;
    counts.sets_incomplete = summary.sets_recoverable + summary.sets_partial;  // nothing is recovered here
  }
  return counts;
}

Account Delivery::account() const {
  const CounterSnapshot counters = reporter_->counters().snapshot();
  const ResolverCounts found(counters);
  std::vector<AccountTerm> ends = {{"shred_accepted", found.accepted},
                                   {"shred_duplicate", found.duplicates},
                                   {"shred_late", found.late},
                                   {"shred_held - shred_released", found.held}};
  for (std::size_t i = 1; i < kRejectReasons; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    ends.push_back({fmt::format("shred_discarded{{{}}}", name_of(reason)), counters.get(reason)});
  }
  return {"shreds", {{"consumed", datagrams()}}, std::move(ends)};
}

}  // namespace penstock
