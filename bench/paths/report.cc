// The comparison as people read it.
#include <fmt/format.h>

#include "bench/paths/comparison.h"

namespace penstock {
namespace {

const Measured& reference_of(const Comparison& comparison) {
  for (const Measured& each : comparison.ways) {
    if (each.contestant.name.starts_with("udp/")) return each;
  }
  return comparison.ways.back();
}

std::string millions(double rate) {
  return fmt::format("{:.2f}", rate / 1e6);
}

}  // namespace

std::string to_table(const Comparison& comparison) {
  const ComparisonConfig& config = comparison.config;
  const Measured& reference = reference_of(comparison);
  std::string text = fmt::format(
      "{}, one queue, frames of {} bytes, {} % for the received port; sender on CPU {}, receiver on "
      "CPU {};\n"
      "{} rounds of {:.1f} s, medians [quartiles]; Linux {}; RX ring {}\n\n",
      place_of(config.stage), config.stage.traffic.frame_bytes, config.stage.traffic.ours_percent,
      config.stage.sender_cpu, config.stage.receiver_cpu, config.rounds,
      static_cast<double>(config.duration) / kSecond, comparison.kernel, config.subject.rx_entries);
  text += fmt::format("{:<24} {:>22} {:>8} {:>16} {:>24}", "way", "delivered, M/s", "lost", "ratio to",
                      "CPU ns/packet");
  text += config.search ? fmt::format(" {:>10} {:>10}\n", "NDR, M/s", "PDR, M/s") : "\n";
  text += fmt::format("{:<24} {:>22} {:>8} {:>16}\n", "", "flat out", "", reference.contestant.name);
  for (const Measured& each : comparison.ways) {
    const Sample ratio = ratios(each.highest, reference.highest);
    text +=
        fmt::format("{:<24} {:>22} {:>6.1f} % {:>16} {:>24}", each.contestant.name,
                    fmt::format("{} [{} {}]", millions(each.highest.median()),
                                millions(each.highest.quantile(0.25)), millions(each.highest.quantile(0.75))),
                    each.lost.median() * 100, fmt::format("{:.2f}", ratio.median()),
                    fmt::format("{:.0f} [{:.0f} {:.0f}]", each.cost.median(), each.cost.quantile(0.25),
                                each.cost.quantile(0.75)));
    text += config.search ? fmt::format(" {:>10} {:>10}\n", millions(static_cast<double>(each.ndr)),
                                        millions(static_cast<double>(each.pdr)))
                          : "\n";
  }
  text += fmt::format(
      "\nThe baseline, the same frames into XDP_DROP, takes {:.0f} ns of CPU each, which are taken off.\n",
      comparison.baseline.median());
  return text;
}

}  // namespace penstock
