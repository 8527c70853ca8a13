// Laying the result out.
#include "sim/scenario/table.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/scenario/comparison.h"

namespace penstock {
namespace {

std::string laid_out(const std::vector<ComparisonRow>& rows) {
  const auto label_of = [](const ComparisonRow& row) { return (row.part ? "  " : "") + row.label; };
  std::vector<std::size_t> widths(rows.front().cells.size() + 1);
  for (const ComparisonRow& row : rows) {
    widths[0] = std::max(widths[0], label_of(row).size());
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      widths[i + 1] = std::max(widths[i + 1], row.cells[i].size());
  }
  std::string text;
  for (const ComparisonRow& row : rows) {
    text += fmt::format("  {:<{}}", label_of(row), widths[0]);
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      text += fmt::format("   {:>{}}", row.cells[i], widths[i + 1]);
    text += '\n';
  }
  return text;
}

}  // namespace

std::string result_table(const RunResult& result) {
  std::string text = result.paths.empty() ? "" : laid_out(compare_paths(result.paths)) + "\n";
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
  // What failed has its line already; why that proves nothing has none.
  const bool said = result.verdict == RunVerdict::kFail && failed != 0;
  if (result.verdict != RunVerdict::kPass && !said) text += "  " + result.reason + "\n";
  return text;
}

}  // namespace penstock
