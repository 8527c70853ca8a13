// What `penstock run` says when it has begun to receive, and when it has ended.
//
// Thread safety: functions, from the supervising thread.
#pragma once

#include <string>
#include <vector>

#include "engine/commands/running_engine.h"
#include "engine/config/run_config.h"

namespace penstock {

// "receiving on eth0: kernel_filter, native copy, ...; as configured": one line.
std::string receiving_line(const RunConfig& config, const RunningEngine& engine);

// Why it is less than what was asked for, and what the host's administrator should know: one line each.
std::vector<std::string> start_remarks(const RunConfig& config, const RunningEngine& engine);

// What came of it, of an engine that was stopped: one line each.
std::vector<std::string> last_words(const RunConfig& config, const RunningEngine& engine);

}  // namespace penstock
