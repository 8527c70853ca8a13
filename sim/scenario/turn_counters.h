// The counters of a turn by their names (counter_tables.h).
//
// Thread safety: pure.
#pragma once

#include "engine/metrics/counters.h"
#include "sim/scenario/counter_tables.h"
#include "sim/topology/port_counters.h"

namespace penstock {

CounterTable table_of(const CounterSnapshot& engine);
CounterTable table_of(const PortCounters& device);

}  // namespace penstock
