// Which of the file's interfaces are there, and the file as it reads without the others: what an engine
// starts with while one that has gone away is awaited.
//
// Thread safety: functions; the calling thread's network namespace.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/config/run_config.h"

namespace penstock {

// Those of its interfaces that are not there.
std::vector<std::string> missing_interfaces(const RunConfig& config);

// The file without those; nothing when none is left. Where `interface` itself is missing the first further
// one takes its place, with its one net thread. A net thread that stays keeps its CPU.
std::optional<RunConfig> without(const RunConfig& config, std::span<const std::string> missing);

}  // namespace penstock
