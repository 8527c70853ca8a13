// The scenario runner: runs scenario files and captures through receive paths and judges the result.
//
// Exit status: 0 pass, 1 fail, 2 usage or a bad file, 3 invalid (the run proves nothing), 77 skip.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/shred/base58.h"
#include "engine/version/version.h"
#include "sim/generate.h"
#include "sim/progress.h"
#include "sim/replay/capture_workload.h"
#include "sim/replay/senders.h"
#include "sim/report/command.h"
#include "sim/scenario/junit.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/scenario_run.h"
#include "sim/scenario/table.h"
#include "sim/simulate/command.h"
#include "sim/workload/profiles.h"

namespace {

using penstock::Error;
using penstock::Path;
using penstock::Result;
using penstock::RunPlan;
using penstock::RunResult;
using penstock::RunVerdict;
using penstock::Scenario;
using penstock::Status;
using penstock::Workload;

constexpr int kUsage = 2;

// Under `bazel test` results go where Bazel collects them.
constexpr const char* kBazelOutputs = "TEST_UNDECLARED_OUTPUTS_DIR";

struct Options {
  std::string scenario;
  std::string out;
  std::string pcap;
  std::vector<std::uint16_t> ports;
  std::vector<std::string> paths = {"kernel_filter", "userspace_filter"};
  std::string topology = "veth";
  std::uint64_t pps = 0;
  std::uint32_t queues = 0;  // 0: what the scenario demands; one for a capture
  std::string sender = "af_packet";
  bool verbatim = false;
  bool quiet = false;
  std::vector<std::string> files;
  std::string command;  // that this process was started with
};

struct GenerateOptions {
  std::string profile;
  std::uint64_t seed = 1;
  std::uint32_t slots = 1;
  std::string out;
  std::uint16_t port = 8003;
  std::string shreds = "signed";
  std::string entries, keys;
  bool quiet = false;
};

int complain(const Error& error, int status) {
  fmt::print(stderr, "runner: {}\n", error.message());
  return status;
}

// An argument as a shell takes it.
std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-./,=:+") == std::string::npos;
  return plain ? word : "'" + word + "'";
}

// The command line that this process was started with, from the root of the repository.
std::string own_command(int argc, char** argv) {
  std::string command = "sudo bazel-bin/sim/runner";
  for (int i = 1; i < argc; ++i)
    command += " " + quoted(argv[i]);
  return command;
}

int run_and_report(RunPlan plan, const Workload& workload, const Options& options) {
  plan.repeat = options.command;
  plan.evidence = options.out;
  plan.topology = *penstock::parse_topology(options.topology);  // the command line has checked it
  const RunResult result = [&] {
    penstock::ProgressLine line(!options.quiet);
    return penstock::run_plan_until_valid(
        plan, workload, [&line](const std::string& phase, std::uint64_t done, std::uint64_t of) {
          line.show(phase, done, of);
        });
  }();
  if (!options.out.empty()) {
    for (const Status& written :
         {penstock::write_result(result, options.out), penstock::write_junit(result, options.out)}) {
      if (!written) return complain(written.error(), exit_status(RunVerdict::kFail));
    }
  }
  fmt::print("{}", penstock::result_table(result));
  if (!options.out.empty())
    fmt::print("  {}\n", (std::filesystem::path(options.out) / "result.json").string());
  return exit_status(result.verdict);
}

int run_command(const Options& options) {
  const Result<Scenario> scenario = penstock::read_scenario(options.scenario);
  if (!scenario) return complain(scenario.error(), kUsage);
  const Result<Workload> workload = penstock::make_workload(*scenario);
  if (!workload) return complain(workload.error(), kUsage);
  fmt::print("{}: {}\n\n", scenario->name, scenario->description);
  RunPlan plan = penstock::plan_of(*scenario);
  if (options.queues != 0) plan.demand.queues = options.queues;
  if (plan.receiver.sockets > plan.demand.queues) {
    return complain(penstock::fail(fmt::format("--queues {}: the scenario's receiver has {} sockets",
                                               plan.demand.queues, plan.receiver.sockets))
                        .value(),
                    kUsage);
  }
  return run_and_report(std::move(plan), *workload, options);
}

int replay_command(const Options& options) {
  RunPlan plan;
  plan.name = "replay of " + std::filesystem::path(options.pcap).filename().string();
  plan.ports = options.ports;
  if (options.queues != 0) plan.demand.queues = options.queues;
  for (const std::string& name : options.paths) {
    const Result<Path> path = penstock::parse_path(name);
    if (!path) return complain(path.error(), kUsage);
    plan.paths.push_back(*path);
  }
  if (options.pps != 0) {
    plan.pace = penstock::Pace::kFixedRate;
    plan.pps = options.pps;
  }
  const auto sender = std::find(penstock::kSenderNames.begin(), penstock::kSenderNames.end(), options.sender);
  plan.sender = static_cast<penstock::SenderKind>(sender - penstock::kSenderNames.begin());
  const Result<Workload> workload = penstock::read_capture_workload(
      options.pcap, penstock::path_link(),
      options.verbatim ? penstock::CaptureAddresses::kVerbatim : penstock::CaptureAddresses::kRewritten);
  if (!workload) return complain(workload.error(), kUsage);
  return run_and_report(std::move(plan), *workload, options);
}

int generate_command(const GenerateOptions& options) {
  penstock::WorkloadRecipe recipe{.profile = options.profile,
                                  .seed = options.seed,
                                  .slots = options.slots,
                                  .link = penstock::path_link(),
                                  .tvu_port = options.port,
                                  .content = options.shreds == "signed" ? penstock::ShredContent::kSigned
                                                                        : penstock::ShredContent::kUnsigned};
  if (!options.entries.empty()) recipe.golden = penstock::GoldenFiles{options.entries, options.keys};
  const auto made = [&] {
    penstock::ProgressLine line(!options.quiet);
    return penstock::generate_capture(
        recipe, options.out, [&line](const std::string& phase, std::uint64_t done, std::uint64_t of) {
          line.show(phase, done, of);
        });
  }();
  if (!made) return complain(made.error(), kUsage);
  const Workload& workload = made->workload;
  fmt::print("{}: {} frames, {} bytes, {:.3f} s, UDP port {}{}\n", options.out, workload.frames().size(),
             workload.bytes(), static_cast<double>(workload.duration()) / penstock::kSecond, options.port,
             made->leader ? ", leader " + penstock::to_base58(*made->leader) : "");
  return 0;
}

int validate_command(const Options& options) {
  int status = 0;
  for (const std::string& file : options.files) {
    if (const Result<Scenario> scenario = penstock::read_scenario(file); !scenario)
      status = complain(scenario.error(), kUsage);
  }
  return status;
}

int list_command(const Options& options) {
  for (const std::string& file : options.files) {
    const Result<Scenario> scenario = penstock::read_scenario(file);
    if (!scenario) return complain(scenario.error(), kUsage);
    fmt::print("{:<28} {}\n", scenario->name, scenario->description);
  }
  return 0;
}

void add_run(CLI::App& app, Options& options) {
  CLI::App* run = app.add_subcommand("run", "Run a scenario through its receive paths and judge it.");
  run->add_option("scenario", options.scenario, "scenario file")->required()->check(CLI::ExistingFile);
  run->add_option("--topology", options.topology, "what it runs over")
      ->check(CLI::IsMember({"veth", "ring"}));
  run->add_option("--queues", options.queues, "RX queues of the receiver, instead of the scenario's")
      ->check(CLI::Range(1, 64));
  run->add_option("--out", options.out, "folder for result.json")->envname(kBazelOutputs);
  run->add_flag("--quiet", options.quiet, "no progress");
}

void add_replay(CLI::App& app, Options& options) {
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
      ->check(CLI::IsMember({"veth", "ring"}));
  replay->add_option("--queues", options.queues, "RX queues of the receiver")->check(CLI::Range(1, 64));
  replay->add_option("--pps", options.pps, "frames a second, instead of the capture's own times");
  replay->add_option("--sender", options.sender, "who sends")
      ->check(CLI::IsMember(
          std::vector<std::string>(penstock::kSenderNames.begin(), penstock::kSenderNames.end())))
      ->capture_default_str();
  replay->add_flag("--verbatim", options.verbatim, "send the frames as they are");
  replay->add_option("--out", options.out, "folder for result.json")->envname(kBazelOutputs);
  replay->add_flag("--quiet", options.quiet, "no progress");
}

void add_generate(CLI::App& app, GenerateOptions& options) {
  CLI::App* generate =
      app.add_subcommand("generate", "Write a profile's workload to a pcapng file; needs no privilege.");
  generate->add_option("profile", options.profile, "profile, by name")->required();
  generate->add_option("--seed", options.seed, "same seed, same bytes")->required();
  generate->add_option("--slots", options.slots, "how many slots")->capture_default_str();
  generate->add_option("--out", options.out, "the file, .pcapng")->required();
  generate->add_option("--port", options.port, "UDP port of the shreds")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  generate
      ->add_option("--shreds", options.shreds,
                   "signed by a leader made from the seed, or only shaped like it")
      ->check(CLI::IsMember({"signed", "unsigned"}))
      ->capture_default_str();
  CLI::Option* entries =
      generate->add_option("--golden-entries", options.entries, "demo-shreds.bin, for fd-golden");
  CLI::Option* keys = generate->add_option("--golden-keys", options.keys, "demo-shreds.key, for fd-golden");
  entries->needs(keys);
  keys->needs(entries);
  generate->add_flag("--quiet", options.quiet, "no progress");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs shred workloads through Penstock's receive paths and checks that they behave the same.");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(penstock::version()));
  Options options;
  options.command = own_command(argc, argv);
  add_run(app, options);
  add_replay(app, options);
  GenerateOptions generate;
  add_generate(app, generate);
  penstock::SimulateOptions simulate;
  penstock::add_simulate(app, simulate);
  penstock::ReportOptions report;
  penstock::add_report(app, report);
  CLI::App* validate = app.add_subcommand("validate", "Check scenario files; needs no privilege.");
  validate->add_option("files", options.files, "scenario files")->required()->check(CLI::ExistingFile);
  CLI::App* list = app.add_subcommand("list", "Name scenario files and what they ask.");
  list->add_option("files", options.files, "scenario files")->required()->check(CLI::ExistingFile);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (app.got_subcommand("run")) return run_command(options);
  if (app.got_subcommand("replay")) return replay_command(options);
  if (app.got_subcommand("generate")) return generate_command(generate);
  if (app.got_subcommand("simulate")) return penstock::simulate(simulate);
  if (app.got_subcommand("report")) return penstock::report(report);
  return app.got_subcommand("validate") ? validate_command(options) : list_command(options);
}
