// One self-contained HTML page about one or many runs: an overview, then for each scenario and topology the
// paths side by side, where each frame went, the checks, and what changed from run to run.
//
// The page loads nothing and runs nothing: styles and drawings are in it, its Content-Security-Policy forbids
// the rest, and it works where scripts are off. It follows the reader's choice of light or dark. Beside each
// drawing stands a table with the same numbers.
//
// Thread safety: no state.
#pragma once

#include <string>
#include <vector>

#include "sim/scenario/result.h"

namespace penstock {

// REQUIRES: at least one run. Of several runs of one scenario over one topology the latest is shown in full.
std::string report_page(std::vector<RunResult> runs);

}  // namespace penstock
