// The table and the sentences that a run ends with.
#pragma once

#include <string>

#include "sim/scenario/result.h"

namespace penstock {

// One column a path, one row a number: offered, delivered, passed by reason, lost by cause, shreds
// by variant, FEC sets, ns a packet; then one line a check that failed or was not made, and the
// verdict. Plain text, lines end with a newline.
std::string result_table(const RunResult& result);

}  // namespace penstock
