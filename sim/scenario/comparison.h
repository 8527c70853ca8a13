// The paths of a result side by side: one row a number, one cell a path. What the terminal's table and the
// report's both show.
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario/result.h"

namespace penstock {

struct ComparisonRow {
  std::string label;
  bool part = false;               // of the row above that is none: a reason of `passed`, a cause of `lost`
  std::vector<std::string> cells;  // one a path
};

// Path, mode, offered, rate, delivered, slow way, passed by reason, lost by cause, shreds by variant, FEC
// sets, ns a packet, and latency where any path has it. Parts that are 0 on every path are left out.
std::vector<ComparisonRow> compare_paths(const std::vector<PathResult>& paths);

// Frames a second while they were sent; 0 where that was not measured.
std::uint64_t frames_per_second(const PathResult& path);

// Lost for an engine cause, in parts per million of what was offered. What the testbed itself lost
// (ring_drop) and what nobody wanted any more (port_removed) does not count.
double engine_loss_ppm(const PathResult& path);

}  // namespace penstock
