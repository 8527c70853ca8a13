// The comparison as people read it.
#include <fmt/format.h>

#include "bench/paths/comparison.h"
#include "bench/paths/conditions.h"
#include "bench/paths/markdown.h"

namespace penstock {
namespace {

const Measured& reference_of(const Comparison& comparison) {
  for (const Measured& each : comparison.ways) {
    if (each.contestant.name.starts_with("udp/")) return each;
  }
  return comparison.ways.back();
}

std::string millions(std::uint64_t rate) {
  return fmt::format("{:.2f}", static_cast<double>(rate) / 1e6);
}

}  // namespace

std::string to_table(const Comparison& comparison) {
  const ComparisonConfig& config = comparison.config;
  const Measured& reference = reference_of(comparison);
  std::vector<std::string> header{"way", "flat out, M/s", "lost", "to " + reference.contestant.name,
                                  "CPU ns/packet"};
  if (config.search) header.insert(header.end(), {"NDR, M/s", "PDR, M/s"});
  MarkdownTable table(header);
  for (const Measured& each : comparison.ways) {
    std::vector<std::string> row{each.contestant.name, each.highest.text(1e6, 2),
                                 fmt::format("{:.1f} %", each.lost.median() * 100),
                                 ratios(each.highest, reference.highest).text(1, 2), each.cost.text(1, 0)};
    if (config.search) row.insert(row.end(), {millions(each.ndr), millions(each.pdr)});
    table.add(std::move(row));
  }
  return fmt::format(
      "Delivered flat out, and CPU time beyond that of the same frame into XDP_DROP, {:.0f} ns\n{}\n\n{}",
      comparison.baseline.median(), conditions(config, {}), table.text());
}

}  // namespace penstock
