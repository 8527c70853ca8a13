// All that a running engine says of itself, as one page of Prometheus text: its counters and its facts. The
// counters file and /metrics are this page.
//
// Thread safety: functions, from any thread while the engine runs.
#pragma once

#include <string>
#include <string_view>

#include "engine/commands/running_engine.h"
#include "engine/config/run_config.h"

namespace penstock {

// What the supervising thread knows, and the engine does not.
struct EngineState {
  std::string standing{};             // the tiles that stand still now, by thread name; empty: none
  bool better_way = false;            // a restart would now receive by a faster one
  std::string_view leaders = "none";  // as leaders_of(), since a reload may bring others
};

// Where leaders' keys come from: "none", "key" or "file".
std::string_view leaders_of(const ShredsSpec& shreds);

// Empty when it receives.
std::string why_not_ready(const RunConfig& config, const RunningEngine& engine, const EngineState& state);

std::string engine_page(const RunConfig& config, const RunningEngine& engine, const EngineState& state);

}  // namespace penstock
