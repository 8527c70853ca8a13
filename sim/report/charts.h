// The report's charts: what is drawn of which runs. Each is empty where there is nothing to draw; each has
// its numbers in a table beside it.
//
// Thread safety: no state.
#pragma once

#include <string>
#include <vector>

#include "sim/report/groups.h"

namespace penstock {

// Loss by engine causes against the rate offered, a point a path and run of every group. Runs of scenarios
// that provoke losses and name them (`expect.lost`) are left out, as are runs that are invalid. Empty: all
// rates are within a tenth.
std::string loss_curve(const std::vector<RunGroup>& groups);

// What changes from run to run: each of lost, CPU time and latency that at least two runs measured and that
// was not always 0, a line a path; then the table of all runs. Empty: fewer than two runs.
std::string history(const RunGroup& group);

}  // namespace penstock
