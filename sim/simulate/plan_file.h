// A plan as a file, to replay and to keep: TOML, with one line an event.
//
//   "1200 stall_engine"                            time in ns, event, its values
//   "1350 frame ours 1 flow 3 bytes 400 number 7"  value, then what is not 0; "cut N", "flip BIT"
//
// Thread safety: pure functions.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/result.h"
#include "sim/simulate/plan.h"

namespace penstock {

// `comment`: lines that stand in front, without '#'.
std::string plan_text(const SimPlan& plan, const std::string& comment);
Status write_plan(const SimPlan& plan, const std::string& comment, const std::filesystem::path& path);

// Errors: with file, line and column.
Result<SimPlan> read_plan(const std::filesystem::path& path);
Result<SimPlan> parse_plan(std::string_view text, std::string name);

}  // namespace penstock
