// Lab files and their journals.
#include "sim/commands/lab_command.h"

#include <errno.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/commands/interruption.h"
#include "sim/commands/report_run.h"
#include "sim/lab/undo.h"

namespace penstock {
namespace {

constexpr int kFailed = 1;
constexpr int kSkipped = 77;
constexpr int kOfASignal = 128;

void say(const std::vector<std::string>& lines) {
  for (const std::string& line : lines)
    fmt::print(stderr, "{}: {}\n", program_invocation_short_name, line);
}

int undo(const Lab& lab) {
  if (!std::filesystem::exists(lab.journal)) {
    fmt::print("lab {}: nothing to undo\n", lab.name);
    return 0;
  }
  const Result<NetNamespace> here = NetNamespace::current();
  if (!here) return complain(here.error(), kFailed);
  Result<Journal> journal = Journal::open(lab.journal);
  if (!journal) return complain(journal.error(), kFailed);
  const UndoReport report = undo_left_over(journal->left_over(), *here);
  for (const auto* lines : {&report.done, &report.gone}) {
    for (const std::string& line : *lines)
      fmt::print("{}\n", line);
  }
  say(report.failed);
  if (!report.clean()) return kFailed;
  if (const Status removed = journal->remove(); !removed) return complain(removed.error(), kFailed);
  fmt::print("lab {}: {} put back, {} gone\n", lab.name, report.done.size(), report.gone.size());
  return 0;
}

}  // namespace

void add_lab(CLI::App& app, LabOptions& options) {
  CLI::App* lab = app.add_subcommand("lab", "Ports of this machine for scenarios (docs/lab.md).");
  lab->require_subcommand(1);
  CLI::App* validate = lab->add_subcommand("validate", "Check a lab file; needs no privilege.");
  CLI::App* undo = lab->add_subcommand("undo", "Put back what a run that was killed has left set.");
  for (CLI::App* command : {validate, undo})
    command->add_option("lab", options.file, "lab file")->required()->check(CLI::ExistingFile);
  undo->callback([&options] { options.undo = true; });
}

int lab(const LabOptions& options) {
  const Result<Lab> file = read_lab(options.file);
  if (!file) return complain(file.error(), kUsageStatus);
  return options.undo ? undo(*file) : 0;
}

int in_lab(const std::string& file, const std::function<int(NicLab& lab, std::stop_token stop)>& body) {
  const Result<Lab> read = read_lab(file);
  if (!read) return complain(read.error(), kUsageStatus);
  const auto interruption = Interruption::watch(fmt::format(
      "{}: stopping, to give the ports back; again to end at once", program_invocation_short_name));
  if (!interruption) return complain(interruption.error(), kFailed);
  std::vector<std::string> said;
  const Result<std::unique_ptr<NicLab>> taken = NicLab::take(*read, said);
  say(said);
  if (!taken) return complain(taken.error(), taken.error().code == EPERM ? kSkipped : kFailed);
  int status = body(**taken, (*interruption)->token());
  if (const int signal = (*interruption)->signal(); signal != 0) status = kOfASignal + signal;
  if (const Status back = (*taken)->give_back(); !back)
    return complain(back.error(), std::max(status, kFailed));
  return status;
}

}  // namespace penstock
