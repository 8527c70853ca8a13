// The runs of a report, those of one scenario over one topology together: each group is a section, and where
// it has several runs, a history.
//
// Thread safety: values.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/result.h"

namespace penstock {

struct RunGroup {
  std::string scenario, topology;
  std::vector<RunResult> runs;  // at least one, by the time they started

  const RunResult& latest() const { return runs.back(); }
  std::string title() const { return scenario + " over " + topology; }
};

// Groups in the order in which their first run stands in `runs`.
std::vector<RunGroup> group_runs(std::vector<RunResult> runs);

// "2026-11-28 07:41" of the ISO 8601 time at which a run started.
std::string minute_of(const std::string& started);

// The colour and shape of a path in every chart: 0 to 3 in the order kernel_filter, userspace_filter,
// io_uring, udp, by the last word of its name ("rx1 udp" of the turbine topology). Any other looks like the
// last.
int look_of(const std::string& path);

}  // namespace penstock
