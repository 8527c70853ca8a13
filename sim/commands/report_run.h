// What the runner's commands do alike: say what is wrong, run a plan under a progress line, leave its files.
//
// Thread safety: from one thread.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/result.h"
#include "sim/scenario/scenario_run.h"

namespace penstock {

// Exit status for a wrong command line or a bad file.
inline constexpr int kUsageStatus = 2;

// Says it on stderr and returns the status.
int complain(const Error& error, int status);

// An argument as a shell takes it.
std::string quoted(const std::string& word);

// The command line that starts the runner over that topology, from the root of the repository, without
// arguments.
std::string runner_command(Topology topology);

// Runs the plan, again where the result is invalid. With a folder: the result, JUnit and, for a broken law 1,
// the evidence into it. Errors: a result that could not be written.
Result<RunResult> run_into(RunPlan plan, const Workload& workload, const std::filesystem::path& folder,
                           bool quiet);

// After a single run: its table, and where the result lies.
void print_result(const RunResult& result, const std::filesystem::path& folder);

}  // namespace penstock
