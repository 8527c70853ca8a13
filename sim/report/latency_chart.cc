// From histograms to lines.
#include "sim/report/latency_chart.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/chart.h"
#include "sim/report/groups.h"
#include "sim/report/html.h"
#include "sim/scenario/text.h"

namespace penstock {
namespace {

struct Quantile {
  const char* name;
  double share;
  std::uint64_t LatencyDistribution::*value;
};
constexpr std::array<Quantile, 4> kQuantiles = {{{"p50", 0.5, &LatencyDistribution::p50},
                                                 {"p90", 0.9, &LatencyDistribution::p90},
                                                 {"p99", 0.99, &LatencyDistribution::p99},
                                                 {"p99.9", 0.999, &LatencyDistribution::p999}}};

// A logarithm has no 0; nothing here takes less than a nanosecond.
double drawn(std::uint64_t ns) {
  return std::max(1.0, static_cast<double>(ns));
}

// All of them is infinitely many nines: the greatest stands half a datagram before that.
double share_of_max(const LatencyDistribution& times) {
  return 1 - 0.5 / static_cast<double>(std::max<std::uint64_t>(1, times.count));
}

std::vector<ChartPoint> course_of(const LatencyDistribution& times) {
  std::vector<ChartPoint> course;
  std::uint64_t seen = 0;
  for (const auto& [at_most, count] : times.histogram) {
    seen += count;
    const double share = static_cast<double>(seen) / static_cast<double>(times.count);
    course.push_back({std::min(share, share_of_max(times)), drawn(at_most), ""});
  }
  return course;
}

ChartSeries series_of(const PathResult& path) {
  const LatencyDistribution& times = *path.latency;
  ChartSeries series{path.path, look_of(path.path), {}, course_of(times)};
  const auto add = [&](const char* name, double share, std::uint64_t ns) {
    series.points.push_back({share, drawn(ns), fmt::format("{} {}: {} ns", path.path, name, grouped(ns))});
  };
  for (const Quantile& quantile : kQuantiles) {
    // Results of older runners have no p90, and of few datagrams p99.9 is the greatest.
    const std::uint64_t ns = times.*quantile.value;
    if ((ns != 0 || times.count != 0) && (times.count == 0 || quantile.share < share_of_max(times)))
      add(quantile.name, quantile.share, ns);
  }
  if (times.count != 0) add("max", share_of_max(times), times.max);
  return series;
}

void add_row(const std::string& name, const LatencyDistribution& times, HtmlTable& table) {
  std::vector<std::string> cells = {escaped_markup(name)};
  for (const Quantile& quantile : kQuantiles)
    cells.push_back(grouped(times.*quantile.value));
  cells.push_back(grouped(times.max));
  cells.push_back(grouped(times.count));
  table.row(cells);
}

}  // namespace

std::string latency_part(const RunResult& run) {
  Chart chart{.title = "Latency: which share of the datagrams was at most how old",
              .x = {.label = "share of the datagrams", .scale = AxisScale::kNines},
              .y = {.label = "nanoseconds", .scale = AxisScale::kLog},
              .series = {}};
  HtmlTable table("Latency, nanoseconds", {"path", "p50", "p90", "p99", "p99.9", "max", "count"},
                  HtmlTable::Align::kNumbers);
  for (const PathResult& path : run.paths) {
    if (!path.latency) continue;
    chart.series.push_back(series_of(path));
    add_row(path.path, *path.latency, table);
    if (path.stalls) add_row("the machine beside " + path.path, *path.stalls, table);
  }
  if (chart.series.empty()) return "";
  return "<h3>Latency</h3>\n" +
         figure(
             "Latency, from sending to the first consumer. What of a tail is no longer than the machine's "
             "own stalls, in the table, is no evidence about the engine.",
             chart_svg(chart)) +
         folded("The same as a table", table.html());
}

}  // namespace penstock
