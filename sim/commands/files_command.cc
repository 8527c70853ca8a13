// Reading files, and saying what is in them.
#include "sim/commands/files_command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/commands/choice.h"
#include "sim/commands/report_run.h"
#include "sim/scenario/scenario.h"
#include "sim/turbine/command.h"

namespace penstock {

void add_files(CLI::App& app, FilesOptions& options) {
  CLI::App* validate = app.add_subcommand("validate", "Check scenario files; needs no privilege.");
  CLI::App* list = app.add_subcommand("list", "Name the scenarios of files and what they ask.");
  for (CLI::App* command : {validate, list})
    command->add_option("files", options.files, "scenario files")->required()->check(CLI::ExistingFile);
  list->add_option("--filter", options.filters, "as of `run`");
}

int validate(const FilesOptions& options) {
  int status = 0;
  for (const std::string& file : options.files) {
    if (const auto scenarios = read_scenarios_of_any_topology(file); !scenarios)
      status = complain(scenarios.error(), kUsageStatus);
  }
  return status;
}

int list(const FilesOptions& options) {
  for (const std::string& file : options.files) {
    const Result<std::vector<Scenario>> scenarios = read_scenarios_of_any_topology(file);
    if (!scenarios) return complain(scenarios.error(), kUsageStatus);
    for (const Scenario& scenario : *scenarios) {
      if (chosen_by(options.filters, scenario))
        fmt::print("{:<28} {:<6} {}\n", scenario.name, to_string(scenario.size), scenario.description);
    }
  }
  return 0;
}

}  // namespace penstock
