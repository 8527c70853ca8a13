// A sweep as people read it.
#include <string_view>

#include <fmt/format.h>

#include "bench/paths/conditions.h"
#include "bench/paths/markdown.h"
#include "bench/paths/sweep.h"

namespace penstock {
namespace {

constexpr std::string_view kReference = "kernel_filter";

// The kernel filter's cell of the same step and wait; null when it does not take part, or is `cell` itself.
const SweepCell* reference_of(const Sweep& sweep, const SweepCell& cell) {
  const std::string name = std::string(kReference) + cell.way.substr(cell.way.find('/'));
  for (const SweepCell& each : sweep.cells) {
    if (each.way == name && each.traffic == cell.traffic && &each != &cell) return &each;
  }
  return nullptr;
}

Sample ratio_of(const Sweep& sweep, const SweepCell& cell) {
  const SweepCell* reference = reference_of(sweep, cell);
  if (reference == nullptr) return {};
  return cell.cost.size() == 0 ? ratios(cell.max, reference->max) : ratios(cell.cost, reference->cost);
}

std::string percent(const Sample& sample) {
  return sample.size() == 0 ? "-" : fmt::format("{:.1f} %", sample.median() * 100);
}

}  // namespace

std::string to_table(const Sweep& sweep) {
  MarkdownTable table({"way", "bytes", "for the port", "max, M/s", "lost", "host lost",
                       fmt::format("ns at {} k/s", sweep.config.load / 1000), "lost then", "ratio"});
  for (const SweepCell& cell : sweep.cells) {
    table.add({cell.way, std::to_string(cell.traffic.frame_bytes),
               fmt::format("{} %", cell.traffic.ours_percent), cell.max.text(1e6, 2), percent(cell.lost),
               percent(cell.host_lost), cell.kept_rate ? cell.cost.text(1, 0) : "rate missed",
               percent(cell.lost_at_load), ratio_of(sweep, cell).text(1, 2)});
  }
  return fmt::format(
      "{}\n\n{}\n"
      "ns: CPU time a frame beyond that into XDP_DROP ({:.0f} ns at that rate), waiting for frames to be due "
      "({:.0f} ns a time) left out. ratio: to the kernel filter with the same wait, of ns, or of max where "
      "spinning.\n",
      conditions(sweep.config.comparison, {.traffic = true}), table.text(), sweep.baseline.median(),
      sweep.waiting.median());
}

}  // namespace penstock
