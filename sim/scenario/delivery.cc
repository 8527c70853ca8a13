// Digest and census of what was delivered.
#include "sim/scenario/delivery.h"

#include <fmt/format.h>

namespace penstock {

Delivery::Delivery(SetCounting counting) {
  if (counting == SetCounting::kResolved) resolver_ = std::make_unique<ShredsReporter>(ShredsReportOptions{});
}

std::uint64_t Delivery::add(const Endpoint& source, const Endpoint& destination,
                            std::span<const std::byte> payload) {
  census_.add(payload);
  if (resolver_) resolver_->add(payload);
  return digest_.add_datagram(source, destination, payload);
}

ShredCounts Delivery::shreds() const {
  const CensusSummary summary = census_.summary();
  ShredCounts counts;
  for (std::size_t variant = 0; variant < summary.by_variant.size(); ++variant) {
    if (summary.by_variant[variant] != 0)
      counts.variants[fmt::format("{:#04x}", variant)] = summary.by_variant[variant];
  }
  if (resolver_) {
    const ShredsReport report = resolver_->report();
    counts.sets_complete = report.sets_in(ReportedSet::State::kComplete);
    counts.sets_recovered = report.sets_in(ReportedSet::State::kRecovered);
    counts.sets_incomplete = report.sets_in(ReportedSet::State::kIncomplete);
    return counts;
  }
  counts.sets_complete = summary.sets_full;
  counts.sets_incomplete = summary.sets_recoverable + summary.sets_partial;  // nothing is recovered here
  return counts;
}

}  // namespace penstock
