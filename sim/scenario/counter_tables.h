// Every counter of a path's turn, before the first frame and after the last came to rest: what counters.json
// holds, for whoever wants to know more than a check asked. Tables by who counts:
//
//   engine     engine/metrics/counter_table.h, by name{label}; those that are not 0. It starts with the
//              turn, so its `before` is empty
//   sender, receiver    the two ends' devices (sim/topology/port_counters.h), as they are: ports of a lab
//                       have counted before. What a device does not count is not there
//   stack      the receiver's host (sim/topology/kernel_counters.h)
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "engine/base/result.h"

namespace penstock {

struct RunResult;

using CounterTable = std::map<std::string, std::uint64_t>;

struct CounterSides {
  CounterTable before{}, after{};
};

using CounterTables = std::map<std::string, CounterSides>;

// Writes DIR/counters.json: {path: {table: {"before": {...}, "after": {...}}}}. The folder must be there.
Status write_counters(const RunResult& result, const std::filesystem::path& directory);

}  // namespace penstock
