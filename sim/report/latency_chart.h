// The latency of a run's paths as a distribution: which share of the datagrams was at most how old, with the
// tail drawn as wide as the rest (an axis of nines), and the machine's own stalls beside it.
//
// Thread safety: no state.
#pragma once

#include <string>

#include "sim/scenario/result.h"

namespace penstock {

// Drawing, numbers as a table, and what the machine did. Empty: no path was measured.
std::string latency_part(const RunResult& run);

}  // namespace penstock
