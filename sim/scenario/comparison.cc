// Rows of numbers.
#include "sim/scenario/comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "sim/scenario/text.h"

namespace penstock {
namespace {

using CountMap = std::map<std::string, std::uint64_t>;

constexpr const char* kNotMeasured = "not measured";

class Rows {
 public:
  explicit Rows(const std::vector<PathResult>& paths) : paths_(paths) {}

  void row(std::string label, const std::function<std::string(const PathResult&)>& cell, bool part = false) {
    ComparisonRow row{.label = std::move(label), .part = part, .cells = {}};
    for (const PathResult& path : paths_)
      row.cells.push_back(cell(path));
    rows_.push_back(std::move(row));
  }
  void count(std::string label, const std::function<std::uint64_t(const PathResult&)>& value,
             bool part = false) {
    row(
        std::move(label), [&](const PathResult& path) { return grouped(value(path)); }, part);
  }
  // The total of a map, then one part for each key that any path has.
  void counts(std::string label, const std::function<CountMap(const PathResult&)>& map) {
    std::set<std::string> keys;
    for (const PathResult& path : paths_) {
      for (const auto& [key, value] : map(path)) {
        if (value != 0) keys.insert(key);
      }
    }
    count(std::move(label), [&](const PathResult& path) {
      const CountMap m = map(path);
      return std::accumulate(m.begin(), m.end(), std::uint64_t{0},
                             [](std::uint64_t sum, const auto& entry) { return sum + entry.second; });
    });
    for (const std::string& key : keys) {
      const auto of_key = [&](const PathResult& path) {
        const CountMap m = map(path);
        const auto found = m.find(key);
        return found == m.end() ? 0 : found->second;
      };
      count(key, of_key, true);
    }
  }
  std::vector<ComparisonRow> finish() && { return std::move(rows_); }

 private:
  const std::vector<PathResult>& paths_;
  std::vector<ComparisonRow> rows_;
};

std::string sets_text(const PathResult& path) {
  if (!path.shreds) return "-";
  const ShredCounts& s = *path.shreds;
  std::string text = fmt::format("{} ({} complete", grouped(s.sets()), grouped(s.sets_complete));
  if (s.sets_recovered.value_or(0) != 0) text += fmt::format(", {} recovered", grouped(*s.sets_recovered));
  return text + ")";
}

// Why a key of the path is null, as the path itself says; older results do not.
std::string why_not(const PathResult& path, const char* key) {
  const auto found = path.not_measured.find(key);
  return found == path.not_measured.end() ? kNotMeasured : found->second;
}

std::string cost_text(const PathResult& path) {
  if (!path.ns_per_packet) return why_not(path, "ns_per_packet");
  if (!path.ns_per_packet_deviation) return fmt::format("{:.1f}", *path.ns_per_packet);
  return fmt::format("{:.0f} +- {:.0f}", *path.ns_per_packet, *path.ns_per_packet_deviation);
}

std::string rate_text(const PathResult& path) {
  const std::uint64_t rate = frames_per_second(path);
  return rate == 0 ? kNotMeasured : grouped(rate);
}

void add_latency(const std::vector<PathResult>& paths, Rows& rows) {
  if (std::none_of(paths.begin(), paths.end(), [](const PathResult& p) { return p.latency.has_value(); }))
    return;
  using Times = std::optional<LatencyDistribution>;
  const auto percentile = [&rows](const char* label, Times PathResult::*times,
                                  std::uint64_t LatencyDistribution::*which) {
    rows.row(label, [=](const PathResult& path) {
      const Times& found = path.*times;
      return found ? grouped((*found).*which) : why_not(path, "latency_ns");
    });
  };
  percentile("latency p50, ns", &PathResult::latency, &LatencyDistribution::p50);
  percentile("latency p99, ns", &PathResult::latency, &LatencyDistribution::p99);
  percentile("latency p99.9, ns", &PathResult::latency, &LatencyDistribution::p999);
  rows.row("longest wait for CPU, ns", [](const PathResult& path) {
    return path.cpu_wait ? grouped(path.cpu_wait->longest) : kNotMeasured;
  });
  percentile("longest stall, ns", &PathResult::stalls, &LatencyDistribution::max);
}

}  // namespace

std::vector<ComparisonRow> compare_paths(const std::vector<PathResult>& paths) {
  Rows rows(paths);
  rows.row("path", [](const PathResult& p) { return p.path; });
  rows.row("mode",
           [](const PathResult& p) { return fmt::format("{}, {}", p.mode, counted(p.queues, "queue")); });
  rows.count("offered", [](const PathResult& p) { return p.offered; });
  rows.row("frames/s", rate_text);
  rows.count("delivered", [](const PathResult& p) { return p.delivered; });
  rows.count("slow way", [](const PathResult& p) { return p.slow_way; });
  rows.counts("passed", [](const PathResult& p) { return p.passed; });
  rows.counts("lost", [](const PathResult& p) { return p.lost; });
  rows.counts("shreds", [](const PathResult& p) { return p.shreds ? p.shreds->variants : CountMap{}; });
  rows.row("FEC sets", sets_text);
  rows.row("ns/packet", cost_text);
  add_latency(paths, rows);
  return std::move(rows).finish();
}

std::uint64_t frames_per_second(const PathResult& path) {
  if (!path.seconds || *path.seconds <= 0 || path.offered < 2) return 0;
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(path.offered - 1) / *path.seconds));
}

double engine_loss_ppm(const PathResult& path) {
  if (path.offered == 0) return 0;
  return static_cast<double>(engine_loss(path)) * 1e6 / static_cast<double>(path.offered);
}

}  // namespace penstock
