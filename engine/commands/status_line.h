// The line that `penstock run` shows on a terminal every second.
#pragma once

#include <string>

#include "engine/base/clock.h"
#include "engine/metrics/counters.h"

namespace penstock {

// `since`: what was counted in the last `interval`; `total`: since the start.
//   100,000 datagrams/s (996.0 Mb/s), slow way 0/s, to the host 12/s, lost 0
// "to the host": passed by the XDP program and handed back by the return tile. Behind that, when it is so:
// that the XDP program passes everything because a thread hangs.
std::string status_line(const CounterSnapshot& since, Nanoseconds interval, const CounterSnapshot& total);

}  // namespace penstock
