// From runs to charts.
#include "sim/report/charts.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "sim/report/chart.h"
#include "sim/report/html.h"
#include "sim/scenario/comparison.h"
#include "sim/scenario/text.h"

namespace penstock {
namespace {

// Two rates are different when one is so many times the other.
constexpr double kOtherRate = 1.1;

ChartSeries& series_of(const std::string& path, std::vector<ChartSeries>& all) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const ChartSeries& s) { return s.name == path; });
  return found != all.end() ? *found : *all.insert(all.end(), {path, look_of(path), {}});
}

std::string ppm_text(double ppm) {
  return ppm == 0 ? "none" : short_number(ppm) + " ppm";
}

// Whether the scenario asks that engine causes lose at most so many frames: law checks name it so.
bool limits_loss(const RunResult& run, const PathResult& path) {
  return std::any_of(run.checks.begin(), run.checks.end(),
                     [&](const Check& check) { return check.name == path.path + ".engine_loss"; });
}

// Where month and day, and hour and minute, stand in what minute_of() gives.
constexpr std::size_t kDayAt = 5, kTimeAt = 11, kTickLength = 5;

using Measure = std::function<std::optional<double>(const PathResult&)>;

// One measure over the runs of a group; empty when fewer than two runs have it, or it was 0 in all of them.
std::string history_of(const RunGroup& group, const std::string& label, const Measure& measure) {
  Chart chart{.title = fmt::format("{} over the runs of {}", label, group.title()),
              .x = {.label = "runs, by the time they started", .scale = AxisScale::kNamed},
              .y = {.label = label},
              .series = {}};
  const bool one_day =
      group.runs.front().started.substr(0, kTimeAt) == group.latest().started.substr(0, kTimeAt);
  std::size_t measured = 0;
  bool all_zero = true;
  for (std::size_t i = 0; i < group.runs.size(); ++i) {
    const RunResult& run = group.runs[i];
    const std::string started = minute_of(run.started);
    chart.x.ticks.push_back(
        started.substr(std::min(started.size(), one_day ? kTimeAt : kDayAt), kTickLength));
    bool has_it = false;
    for (const PathResult& path : run.paths) {
      const std::optional<double> value = measure(path);
      if (!value) continue;
      has_it = true;
      all_zero = all_zero && *value == 0;
      series_of(path.path, chart.series)
          .points.push_back({static_cast<double>(i), *value,
                             fmt::format("{}: {} {}, {} at {}", path.path, short_number(*value), label,
                                         run.commit, minute_of(run.started))});
    }
    if (has_it) ++measured;
  }
  return measured < 2 || all_zero ? "" : figure(escaped_markup(label), chart_svg(chart));
}

std::string history_table(const RunGroup& group) {
  HtmlTable table("Every run of " + group.title(),
                  {"started", "verdict", "commit", "offered, all paths", "lost, all paths", "reason"});
  for (auto run = group.runs.rbegin(); run != group.runs.rend(); ++run) {
    std::uint64_t offered = 0, lost = 0;
    for (const PathResult& path : run->paths) {
      offered += path.offered;
      lost += engine_loss(path);
    }
    table.row({escaped_markup(minute_of(run->started)), verdict_badge(run->verdict),
               escaped_markup(run->commit), grouped(offered), grouped(lost), escaped_markup(run->reason)});
  }
  return table.html();
}

}  // namespace

std::string loss_curve(const std::vector<RunGroup>& groups) {
  Chart chart{.title = "Loss by engine causes against the rate offered",
              .x = {.label = "frames a second offered", .scale = AxisScale::kLog},
              .y = {.label = "lost, ppm"},
              .joined = false,
              .series = {}};
  HtmlTable table("Loss by rate", {"scenario", "topology", "path", "frames/s", "lost"});
  double slowest = std::numeric_limits<double>::max(), fastest = 0;
  for (const RunGroup& group : groups) {
    for (const RunResult& run : group.runs) {
      if (run.verdict == RunVerdict::kInvalid) continue;
      for (const PathResult& path : run.paths) {
        const auto rate = static_cast<double>(frames_per_second(path));
        if (rate < 1 || !limits_loss(run, path)) continue;
        slowest = std::min(slowest, rate);
        fastest = std::max(fastest, rate);
        const double ppm = engine_loss_ppm(path);
        const std::string rate_text = grouped(frames_per_second(path));
        series_of(path.path, chart.series)
            .points.push_back({rate, ppm,
                               fmt::format("{}, {}: {} frames/s, lost: {}", group.title(), path.path,
                                           rate_text, ppm_text(ppm))});
        table.row({escaped_markup(run.scenario), escaped_markup(run.topology), escaped_markup(path.path),
                   rate_text, ppm_text(ppm)});
      }
    }
  }
  if (fastest < slowest * kOtherRate) return "";
  return "<section><h2>Loss by rate</h2>\n" +
         figure("A point is one path of one run. Scenarios that provoke a loss are left out.",
                chart_svg(chart)) +
         folded("The same as a table", table.html()) + "</section>\n";
}

std::string history(const RunGroup& group) {
  if (group.runs.size() < 2) return "";
  std::string text = "<h3>History</h3>\n<div class=\"row\">\n";
  text += history_of(group, "lost by engine causes, ppm",
                     [](const PathResult& path) { return std::optional(engine_loss_ppm(path)); });
  text +=
      history_of(group, "CPU time, ns a packet", [](const PathResult& path) { return path.ns_per_packet; });
  text += history_of(group, "latency p99, ns", [](const PathResult& path) {
    return path.latency ? std::optional(static_cast<double>(path.latency->p99)) : std::nullopt;
  });
  return text + "</div>\n" + history_table(group);
}

}  // namespace penstock
