// The turbine topology from the runner: `runner shell`, and scenario files with topology = "turbine" among
// those of `run`, `validate` and `list`. The work is done by the script sim/turbine/turbine, in namespaces of
// its own; Bazel lays it beside the runner (its runfiles), and a runner that was copied away says so.
//
// Thread safety: run_turbine() kills its cluster when the calling thread ends; else none needed, no state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "sim/scenario/result.h"
#include "sim/scenario/scenario.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is that of CLI11
namespace CLI {
class App;
}

namespace penstock {

// The subcommand `shell`, whose words go to the script as they are. `words` must outlive the parsing.
void add_shell(CLI::App& app, std::vector<std::string>& words);
// Becomes `turbine shell`, so that whoever kills this process kills the cluster. Comes back only when that
// cannot be: says why, and returns the exit status.
int shell(std::vector<std::string> words);

// Whether the file is of this topology. A file that is no TOML is not.
bool is_turbine_scenario(const std::filesystem::path& file);

// read_scenarios() of either kind of file. Of one of this topology: name, description, and the tag "turbine".
Result<std::vector<Scenario>> read_scenarios_of_any_topology(const std::filesystem::path& file);

struct TurbineRun {
  RunResult result;
  std::string said;  // a table, a line a host
};

// Runs a scenario of this topology. `folder`: for its result.json and what its hosts said; empty: nothing is
// left. Errors: a cluster that could not be made or broke off, a folder that could not be written.
Result<TurbineRun> run_turbine(const std::filesystem::path& file, std::optional<std::uint64_t> seed,
                               const std::filesystem::path& folder);

}  // namespace penstock
