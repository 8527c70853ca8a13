// The scenario runner: runs scenario files and captures through receive paths and judges the result.
//
// Exit status: 0 pass, 1 fail, 2 usage or a bad file, 3 invalid (the run proves nothing), 77 skip.
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "engine/version/version.h"
#include "sim/commands/files_command.h"
#include "sim/commands/generate_command.h"
#include "sim/commands/lab_command.h"
#include "sim/commands/replay_command.h"
#include "sim/commands/report_run.h"
#include "sim/commands/run_command.h"
#include "sim/remote/serve.h"
#include "sim/report/command.h"
#include "sim/simulate/command.h"
#include "sim/turbine/command.h"

int main(int argc, char** argv) {
  CLI::App app("Runs shred workloads through Penstock's receive paths and checks that they behave the same.");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(penstock::version()));
  penstock::ScenarioRunOptions run;
  penstock::add_run(app, run);
  penstock::ReplayOptions replay;
  penstock::add_replay(app, replay);
  penstock::GenerateOptions generate;
  penstock::add_generate(app, generate);
  penstock::SimulateOptions simulate;
  penstock::add_simulate(app, simulate);
  penstock::ReportOptions report;
  penstock::add_report(app, report);
  std::vector<std::string> shell;
  penstock::add_shell(app, shell);
  penstock::LabOptions lab;
  penstock::add_lab(app, lab);
  app.add_subcommand("remote-sender", "What a run starts on another host, by ssh (docs/lab.md).");
  penstock::FilesOptions files;
  penstock::add_files(app, files);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : penstock::kUsageStatus;
  }
  if (app.got_subcommand("run")) return penstock::run(run);
  if (app.got_subcommand("replay")) return penstock::replay(replay, {argv + 1, argv + argc});
  if (app.got_subcommand("generate")) return penstock::generate(generate);
  if (app.got_subcommand("simulate")) return penstock::simulate(simulate);
  if (app.got_subcommand("shell")) return penstock::shell(shell);
  if (app.got_subcommand("report")) return penstock::report(report);
  if (app.got_subcommand("remote-sender")) return penstock::serve_remote_sender();
  if (app.got_subcommand("lab")) return penstock::lab(lab);
  return app.got_subcommand("validate") ? penstock::validate(files) : penstock::list(files);
}
