// How long a thread that only looks at the clock stands still: what the machine takes from any thread, by
// other programs, by interrupts, by a hypervisor. The measure beside every latency.
//
// Thread safety: no state.
#pragma once

#include <optional>

#include "engine/base/clock.h"
#include "engine/base/latency_histogram.h"

namespace penstock {

// Spins on a thread of its own for so long, on `cpu` or anywhere, and adds each time of a microsecond and
// more between two looks at the clock.
void watch_pauses(std::optional<int> cpu, Nanoseconds duration, LatencyHistogram& pauses);

}  // namespace penstock
