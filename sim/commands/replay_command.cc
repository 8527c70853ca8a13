// From a capture to a run.
#include "sim/commands/replay_command.h"

#include <algorithm>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "sim/commands/report_run.h"
#include "sim/replay/capture_workload.h"
#include "sim/replay/senders.h"
#include "sim/scenario/scenario_run.h"

namespace penstock {

void add_replay(CLI::App& app, ReplayOptions& options) {
  CLI::App* replay = app.add_subcommand("replay",
                                        "Send a capture through receive paths: MACs and addresses become the "
                                        "topology's, ports and payload stay.");
  replay->add_option("--pcap", options.pcap, "Ethernet capture, pcap or pcapng")
      ->required()
      ->check(CLI::ExistingFile);
  replay->add_option("--port", options.ports, "UDP ports that are ours")
      ->required()
      ->delimiter(',')
      ->check(CLI::Range(1, 65535));
  replay->add_option("--paths", options.paths, "receive paths, one after the other")
      ->delimiter(',')
      ->capture_default_str();
  replay->add_option("--topology", options.topology, "what it runs over")
      ->check(CLI::IsMember({"veth", "ring"}))
      ->capture_default_str();
  replay->add_option("--queues", options.queues, "RX queues of the receiver")->check(CLI::Range(1, 64));
  replay->add_option("--pps", options.pps, "frames a second, instead of the capture's own times");
  replay->add_option("--sender", options.sender, "who sends")
      ->check(CLI::IsMember(std::vector<std::string>(kSenderNames.begin(), kSenderNames.end())))
      ->capture_default_str();
  replay->add_flag("--verbatim", options.verbatim, "send the frames as they are");
  replay->add_option("--out", options.out, "folder for result.json")->envname("TEST_UNDECLARED_OUTPUTS_DIR");
  replay->add_flag("--quiet", options.quiet, "no progress");
}

int replay(const ReplayOptions& options, const std::vector<std::string>& arguments) {
  RunPlan plan;
  plan.name = "replay of " + std::filesystem::path(options.pcap).filename().string();
  plan.topology = *parse_topology(options.topology);  // the command line has checked it
  plan.ports = options.ports;
  plan.demand.queues = options.queues.value_or(plan.demand.queues);
  plan.repeat = runner_command(plan.topology);
  for (const std::string& argument : arguments)
    plan.repeat += " " + quoted(argument);
  for (const std::string& name : options.paths) {
    const Result<Path> path = parse_path(name);
    if (!path) return complain(path.error(), kUsageStatus);
    plan.paths.push_back(*path);
  }
  if (options.pps != 0) {
    plan.pace = Pace::kFixedRate;
    plan.pps = options.pps;
  }
  const auto sender = std::find(kSenderNames.begin(), kSenderNames.end(), options.sender);
  plan.sender = static_cast<SenderKind>(sender - kSenderNames.begin());
  const Result<Workload> workload =
      read_capture_workload(options.pcap, path_link(),
                            options.verbatim ? CaptureAddresses::kVerbatim : CaptureAddresses::kRewritten);
  if (!workload) return complain(workload.error(), kUsageStatus);
  const Result<RunResult> result = run_into(std::move(plan), *workload, options.out, options.quiet);
  if (!result) return complain(result.error(), exit_status(RunVerdict::kFail));
  print_result(*result, options.out);
  return exit_status(result->verdict);
}

}  // namespace penstock
