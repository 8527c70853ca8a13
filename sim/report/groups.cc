// Sorting runs into groups.
#include "sim/report/groups.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace penstock {

std::vector<RunGroup> group_runs(std::vector<RunResult> runs) {
  std::vector<RunGroup> groups;
  for (RunResult& run : runs) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const RunGroup& g) {
      return g.scenario == run.scenario && g.topology == run.topology;
    });
    if (group == groups.end()) group = groups.insert(groups.end(), {run.scenario, run.topology, {}});
    group->runs.push_back(std::move(run));
  }
  for (RunGroup& group : groups) {
    // ISO 8601 in UTC sorts as text.
    std::stable_sort(group.runs.begin(), group.runs.end(),
                     [](const RunResult& a, const RunResult& b) { return a.started < b.started; });
  }
  return groups;
}

std::string minute_of(const std::string& started) {
  std::string text = started.substr(0, std::string_view("2026-11-28T07:41").size());
  std::replace(text.begin(), text.end(), 'T', ' ');
  return text;
}

int look_of(const std::string& path) {
  constexpr std::array<std::string_view, 4> kPaths = {"kernel_filter", "userspace_filter", "io_uring", "udp"};
  const std::string_view name = std::string_view(path).substr(path.rfind(' ') + 1);  // npos + 1 is 0
  const auto found = std::find(kPaths.begin(), kPaths.end(), name);
  return static_cast<int>(std::min<std::ptrdiff_t>(found - kPaths.begin(), kPaths.size() - 1));
}

}  // namespace penstock
