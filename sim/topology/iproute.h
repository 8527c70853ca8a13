// A batch of iproute2 commands in a namespace: one process for all of them.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "sim/topology/netns.h"

namespace penstock {

// Each line is what one would write after `ip`. Write `name X` and `dev X` always: iproute2 reads short
// names as keywords. Stops at the first line that fails; the error names that line and ip's message.
Status ip_batch(const NetNamespace& ns, const std::vector<std::string>& lines);

}  // namespace penstock
