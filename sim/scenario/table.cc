// Laying the result out.
#include "sim/scenario/table.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>
#include <set>

#include <fmt/format.h>

namespace penstock {
namespace {

// 1234567 as "1,234,567".
std::string grouped(std::uint64_t value) {
  const std::string digits = std::to_string(value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

using CountMap = std::map<std::string, std::uint64_t>;

class Table {
 public:
  explicit Table(const std::vector<PathResult>& paths) : paths_(paths) {}

  void row(std::string label, const std::function<std::string(const PathResult&)>& cell) {
    std::vector<std::string> cells = {std::move(label)};
    for (const PathResult& path : paths_)
      cells.push_back(cell(path));
    rows_.push_back(std::move(cells));
  }
  void count(std::string label, const std::function<std::uint64_t(const PathResult&)>& value) {
    row(std::move(label), [&](const PathResult& path) { return grouped(value(path)); });
  }
  // The total of a map, then one indented row for each key that any path has.
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
      count("  " + key, [&](const PathResult& path) {
        const CountMap m = map(path);
        const auto found = m.find(key);
        return found == m.end() ? 0 : found->second;
      });
    }
  }

  std::string text() const {
    std::vector<std::size_t> widths(paths_.size() + 1);
    for (const auto& cells : rows_) {
      for (std::size_t i = 0; i < cells.size(); ++i)
        widths[i] = std::max(widths[i], cells[i].size());
    }
    std::string text;
    for (const auto& cells : rows_) {
      text += fmt::format("  {:<{}}", cells[0], widths[0]);
      for (std::size_t i = 1; i < cells.size(); ++i)
        text += fmt::format("   {:>{}}", cells[i], widths[i]);
      text += '\n';
    }
    return text;
  }

 private:
  const std::vector<PathResult>& paths_;
  std::vector<std::vector<std::string>> rows_;
};

std::string sets_text(const PathResult& path) {
  if (!path.shreds) return "-";
  const ShredCounts& s = *path.shreds;
  std::string text = fmt::format("{} ({} complete", grouped(s.sets()), grouped(s.sets_complete));
  if (s.sets_recovered.value_or(0) != 0) text += fmt::format(", {} recovered", grouped(*s.sets_recovered));
  return text + ")";
}

}  // namespace

std::string result_table(const RunResult& result) {
  Table table(result.paths);
  table.row("path", [](const PathResult& p) { return p.path; });
  table.row("mode", [](const PathResult& p) {
    return fmt::format("{}, {} queue{}", p.mode, p.queues, p.queues == 1 ? "" : "s");
  });
  table.count("offered", [](const PathResult& p) { return p.offered; });
  table.count("delivered", [](const PathResult& p) { return p.delivered; });
  table.count("slow way", [](const PathResult& p) { return p.slow_way; });
  table.counts("passed", [](const PathResult& p) { return p.passed; });
  table.counts("lost", [](const PathResult& p) { return p.lost; });
  table.counts("shreds", [](const PathResult& p) { return p.shreds ? p.shreds->variants : CountMap{}; });
  table.row("FEC sets", sets_text);
  table.row("ns/packet", [](const PathResult& p) {
    return p.ns_per_packet ? fmt::format("{:.1f}", *p.ns_per_packet) : std::string("not measured");
  });

  std::string text = result.paths.empty() ? "" : table.text() + "\n";
  std::size_t passed = 0, failed = 0;
  for (const Check& check : result.checks) {
    if (check.pass == true) ++passed;
    if (check.pass == false) ++failed;
  }
  text += fmt::format("  {} of {} checks passed\n", passed, result.checks.size());
  for (const Check& check : result.checks) {
    if (check.pass == true) continue;
    text += fmt::format("  {}: {}: {}\n", check.pass ? "FAILED" : "not checked", check.name, check.detail);
  }
  std::string verdict(to_string(result.verdict));
  std::transform(verdict.begin(), verdict.end(), verdict.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  text += fmt::format("  {} over {}: {}\n", result.scenario, result.topology, verdict);
  if (result.verdict != RunVerdict::kPass && !result.repeat.empty())
    text += "  repeat: " + result.repeat + "\n";
  // A failed check has its line already.
  if (result.verdict != RunVerdict::kPass && failed == 0) text += "  " + result.reason + "\n";
  return text;
}

}  // namespace penstock
