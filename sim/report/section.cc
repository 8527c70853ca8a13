// A run as HTML.
#include "sim/report/section.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/charts.h"
#include "sim/report/flow.h"
#include "sim/report/flow_svg.h"
#include "sim/report/html.h"
#include "sim/report/latency_chart.h"
#include "sim/scenario/comparison.h"
#include "sim/scenario/text.h"

namespace penstock {
namespace {

std::string heading(const RunGroup& group) {
  const RunResult& run = group.latest();
  std::string text =
      fmt::format("<h2 id=\"{}\">{} <small>over {}</small> {}</h2>\n", anchor_of(group.title()),
                  escaped_markup(group.scenario), escaped_markup(group.topology), verdict_badge(run.verdict));
  if (!run.description.empty()) text += fmt::format("<p>{}</p>\n", escaped_markup(run.description));
  if (!run.reason.empty()) text += fmt::format("<p class=\"reason\">{}</p>\n", escaped_markup(run.reason));
  text += fmt::format("<p class=\"meta\">{}, seed {}, commit {}, {} on {} ({})</p>\n",
                      escaped_markup(run.started), run.seed, escaped_markup(run.commit),
                      escaped_markup(run.environment.kernel), escaped_markup(run.environment.cpu),
                      counted(run.environment.cpus, "CPU"));
  if (!run.repeat.empty()) text += fmt::format("<pre>{}</pre>\n", escaped_markup(run.repeat));
  return text;
}

std::string paths_table(const RunResult& run) {
  const std::vector<ComparisonRow> rows = compare_paths(run.paths);
  std::vector<std::string> header = {rows.front().label};
  header.insert(header.end(), rows.front().cells.begin(), rows.front().cells.end());
  HtmlTable table("The paths side by side", header, HtmlTable::Align::kNumbers);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    std::vector<std::string> cells = {escaped_markup(rows[i].label)};
    for (const std::string& cell : rows[i].cells)
      cells.push_back(escaped_markup(cell));
    table.row(cells, rows[i].part);
  }
  return "<h3>Paths</h3>\n" + table.html();
}

// One drawing for all paths whose frames went the same ways.
std::string flows(const RunResult& run) {
  std::vector<std::pair<std::string, std::string>> drawn;  // names of paths, drawing
  for (const PathResult& path : run.paths) {
    std::string svg = flow_svg(flow_of(path), "Where each frame went; the table of paths has the numbers");
    const auto same =
        std::find_if(drawn.begin(), drawn.end(), [&](const auto& d) { return d.second == svg; });
    if (same == drawn.end()) {
      drawn.emplace_back(path.path, std::move(svg));
    } else {
      same->first += ", " + path.path;
    }
  }
  std::string text = "<h3>Where each frame went</h3>\n";
  for (const auto& [names, svg] : drawn)
    text += figure(escaped_markup(names), svg);
  return text;
}

std::string checks_table(const std::vector<Check>& checks) {
  HtmlTable table("Checks", {"check", "result", "detail"});
  for (const Check& check : checks)
    table.row({escaped_markup(check.name), check_badge(check), escaped_markup(check.detail)});
  return table.html();
}

// What did not pass is open to see, the rest is folded away.
std::string checks(const RunResult& run) {
  std::vector<Check> all = run.checks;
  const auto passed =
      std::stable_partition(all.begin(), all.end(), [](const Check& c) { return c.pass != true; });
  const std::vector<Check> open(all.begin(), passed), fold(passed, all.end());
  std::string text = "<h3>Checks</h3>\n";
  if (!open.empty()) text += checks_table(open);
  if (!fold.empty()) text += folded(counted(fold.size(), "check") + " passed", checks_table(fold));
  return text;
}

}  // namespace

std::string group_section(const RunGroup& group) {
  const RunResult& run = group.latest();
  std::string text = "<section>\n" + heading(group);
  if (!run.paths.empty()) text += paths_table(run) + flows(run) + latency_part(run);
  return text + checks(run) + history(group) + "</section>\n";
}

}  // namespace penstock
