// Putting the page together.
#include "sim/report/page.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/version/version.h"
#include "sim/report/charts.h"
#include "sim/report/groups.h"
#include "sim/report/html.h"
#include "sim/report/section.h"
#include "sim/report/style.h"
#include "sim/scenario/comparison.h"
#include "sim/scenario/text.h"

namespace penstock {
namespace {

std::uint64_t with_verdict(const std::vector<RunGroup>& groups, RunVerdict verdict) {
  std::uint64_t count = 0;
  for (const RunGroup& group : groups) {
    count += static_cast<std::uint64_t>(
        std::count_if(group.runs.begin(), group.runs.end(),
                      [verdict](const RunResult& run) { return run.verdict == verdict; }));
  }
  return count;
}

// "27 runs: 25 passed, 1 failed, 1 invalid."
std::string summary_of(const std::vector<RunGroup>& groups) {
  std::uint64_t runs = 0;
  for (const RunGroup& group : groups)
    runs += group.runs.size();
  std::string text =
      fmt::format("{}: {} passed", counted(runs, "run"), grouped(with_verdict(groups, RunVerdict::kPass)));
  constexpr std::array kOthers = {std::pair(RunVerdict::kFail, "failed"),
                                  std::pair(RunVerdict::kInvalid, "invalid"),
                                  std::pair(RunVerdict::kSkip, "skipped")};
  for (const auto& [verdict, word] : kOthers) {
    if (const std::uint64_t count = with_verdict(groups, verdict); count != 0)
      text += fmt::format(", {} {}", grouped(count), word);
  }
  return text + ".";
}

std::string checks_of(const RunResult& run) {
  const auto passed = std::count_if(run.checks.begin(), run.checks.end(),
                                    [](const Check& check) { return check.pass == true; });
  return fmt::format("{} of {}", passed, run.checks.size());
}

std::string overview(const std::vector<RunGroup>& groups) {
  HtmlTable table("Every scenario, its latest run", {"scenario", "topology", "verdict", "checks passed",
                                                     "most frames/s", "most lost", "runs", "started"});
  for (const RunGroup& group : groups) {
    const RunResult& run = group.latest();
    std::uint64_t rate = 0, lost = 0;
    for (const PathResult& path : run.paths) {
      rate = std::max(rate, frames_per_second(path));
      lost = std::max(lost, engine_loss(path));
    }
    table.row(
        {fmt::format("<a href=\"#{}\">{}</a>", anchor_of(group.title()), escaped_markup(group.scenario)),
         escaped_markup(group.topology), verdict_badge(run.verdict), checks_of(run),
         rate == 0 ? "" : grouped(rate), grouped(lost), grouped(group.runs.size()),
         escaped_markup(minute_of(run.started))});
  }
  return table.html();
}

}  // namespace

std::string report_page(std::vector<RunResult> runs) {
  PENSTOCK_CHECK(!runs.empty());
  const std::vector<RunGroup> groups = group_runs(std::move(runs));
  std::string body = fmt::format("<h1>Penstock report</h1>\n<p>{}</p>\n", summary_of(groups));
  body += overview(groups) + loss_curve(groups);
  for (const RunGroup& group : groups)
    body += group_section(group);
  const std::string title = groups.size() == 1 ? groups.front().title() : counted(groups.size(), "scenario");
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"generator\" content=\"penstock {}\">\n<title>Penstock: {}</title>\n<style>\n{}</style>\n"
      "</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
      escaped_markup(version()), escaped_markup(title), kReportStyle, body);
}

}  // namespace penstock
