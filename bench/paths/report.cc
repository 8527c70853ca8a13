// The comparison as people read it.
#include <algorithm>
#include <string_view>
#include <vector>

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

std::string_view name_without_form(const Measured& way) {
  const std::string_view name = way.contestant.name;
  return name.substr(0, name.find('/'));
}

// Of each that takes part its better form, by what it delivered.
std::vector<const Measured*> better_forms(const Comparison& comparison) {
  std::vector<const Measured*> better;
  for (const Measured& way : comparison.ways) {
    const auto other = std::find_if(better.begin(), better.end(), [&](const Measured* each) {
      return name_without_form(*each) == name_without_form(way);
    });
    if (other == better.end())
      better.push_back(&way);
    else if (way.highest.median() > (*other)->highest.median())
      *other = &way;
  }
  return better;
}

// What the first of them delivers by what each other one does.
std::string table_of_better_forms(const Comparison& comparison) {
  const std::vector<const Measured*> better = better_forms(comparison);
  const Measured& first = *better.front();
  MarkdownTable table(
      {"better form", "flat out, M/s", "CPU ns/packet", fmt::format("{} by it", first.contestant.name)});
  for (const Measured* each : better) {
    table.add({each->contestant.name, each->highest.text(1e6, 2), each->cost.text(1, 0),
               ratios(first.highest, each->highest).text(1, 2)});
  }
  return table.text();
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
      "Delivered flat out, and CPU time beyond that of the same frame into XDP_DROP, {:.0f} ns\n{}\n\n{}\n{}",
      comparison.baseline.median(), conditions(config, {}), table.text(), table_of_better_forms(comparison));
}

}  // namespace penstock
