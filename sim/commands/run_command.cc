// From files to runs.
#include "sim/commands/run_command.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/base/read_file.h"
#include "sim/commands/batch.h"
#include "sim/commands/choice.h"
#include "sim/commands/lab_command.h"
#include "sim/commands/report_run.h"
#include "sim/scenario/junit.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/scenario_run.h"
#include "sim/topology/linked_hosts.h"
#include "sim/turbine/command.h"

namespace penstock {
namespace {

struct Candidate {
  Scenario scenario;
  std::string file;
  bool turbine = false;  // of a topology of its own
};

// The scenarios of the files that the filters leave, with the options' seed and queues. Errors: a bad file,
// or none left.
Result<std::vector<Candidate>> candidates_of(const ScenarioRunOptions& options) {
  std::vector<Candidate> candidates;
  for (const std::string& file : options.files) {
    Result<std::vector<Scenario>> scenarios = read_scenarios_of_any_topology(file);
    if (!scenarios) return tl::unexpected(scenarios.error());
    const bool turbine = is_turbine_scenario(file);
    for (Scenario& scenario : *scenarios) {
      if (!chosen_by(options.filters, scenario)) continue;
      scenario.workload.seed = options.seed.value_or(scenario.workload.seed);
      if (options.queues) {
        scenario.demand.queues = *options.queues;
        scenario.demand.places.erase("queues");
      }
      if (scenario.receiver.sockets > scenario.demand.queues) {
        return fail(fmt::format("--queues {}: the receiver of {} has {} sockets", scenario.demand.queues,
                                scenario.name, scenario.receiver.sockets));
      }
      if (turbine && (options.queues || options.keep || options.topology == "ring" || !options.lab.empty()))
        return fail(file +
                    ": of the turbine topology, which has no --queues, no --keep, no ring and no --lab");
      candidates.push_back({std::move(scenario), file, turbine});
    }
  }
  if (candidates.empty()) return fail("no scenario of these files has every --filter");
  return candidates;
}

// The command that runs this one again.
std::string repeat_of(const ScenarioRunOptions& options, const Candidate& candidate, Topology topology) {
  std::string command = fmt::format("{} run {}", runner_command(topology), quoted(candidate.file));
  command += options.lab.empty() ? " --topology " + options.topology : " --lab " + quoted(options.lab);
  if (!candidate.scenario.choices.empty()) command += " --filter " + quoted(candidate.scenario.name);
  if (options.queues) command += fmt::format(" --queues {}", *options.queues);
  if (options.seed) command += fmt::format(" --seed {}", *options.seed);
  return command;
}

// Says how to get into the two namespaces, and waits for a line, the end of the input or a stop.
void keep_until_enter(const LinkedHosts& topology, const std::stop_token& stop) {
  fmt::print("kept until Enter:\n");
  for (const LinkedHosts::End* end : {&topology.sender(), &topology.receiver()})
    fmt::print("  sudo nsenter --net={} bash    # {}\n", end->ns.path(), end->interface);
  std::fflush(stdout);
  constexpr int kLookMs = 100;
  for (char c = 0; c != '\n' && !stop.stop_requested();) {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (poll(&input, 1, kLookMs) > 0 && read(STDIN_FILENO, &c, 1) != 1) break;
  }
}

class Runs {
 public:
  // `lab` is borrowed; none: over the topology of the options. `stop`: before the next run, and in one over a
  // lab.
  Runs(const ScenarioRunOptions& options, std::vector<Candidate> candidates, NicLab* lab,
       std::stop_token stop = {})
      : options_(options),
        candidates_(std::move(candidates)),
        topology_(lab != nullptr ? Topology::kNic : *parse_topology(options.topology)),
        lab_(lab),
        stop_(std::move(stop)) {
    for (const Candidate& candidate : candidates_)
      plan_.names.push_back(candidate.scenario.name);
    // Until one fails: without end, unless a number of rounds is asked for.
    plan_.rounds = options.until_fail && options.repeat == 1 ? 0 : options.repeat;
    plan_.until_fail = options.until_fail;
    plan_.out = options.out;
  }

  int run_all() {
    const Result<BatchResult> total = run_batch(
        plan_, [this](std::size_t i, const std::filesystem::path& folder) { return run_one(i, folder); });
    if (!total)
      return complain(total.error(), failed_to_make_ ? kUsageStatus : exit_status(RunVerdict::kFail));
    if (!plan_.single()) fmt::print("{}\n", total->summary());
    return exit_status(total->verdict);
  }

 private:
  Result<RunResult> run_one(std::size_t i, const std::filesystem::path& folder) {
    if (stop_.stop_requested()) return fail("run: stopped", ECANCELED);
    const Candidate& candidate = candidates_[i];
    if (candidate.turbine) return run_cluster(candidate, folder);
    const Result<Workload> workload = make_workload(candidate.scenario);
    if (!workload) {
      failed_to_make_ = true;
      return tl::unexpected(workload.error());
    }
    if (plan_.single()) fmt::print("{}: {}\n\n", candidate.scenario.name, candidate.scenario.description);
    RunPlan plan = plan_of(candidate.scenario);
    plan.topology = topology_;
    plan.lab = lab_;
    if (lab_ != nullptr && lab_->remote()) {
      const Result<std::string> text = read_file(candidate.file);
      if (!text) return tl::unexpected(text.error());
      plan.text = *text;
    }
    plan.stop = stop_;
    if (options_.keep) plan.keep = [this](const LinkedHosts& topology) { keep_until_enter(topology, stop_); };
    plan.repeat = repeat_of(options_, candidate, topology_);
    Result<RunResult> result = run_into(std::move(plan), *workload, folder, options_.quiet);
    if (!result) return result;
    if (plan_.single()) {
      print_result(*result, folder);
    } else {
      fmt::print("{}\n", batch_line(*result));
      if (result->verdict != RunVerdict::kPass) print_result(*result, folder);
    }
    std::fflush(stdout);
    return result;
  }

  Result<RunResult> run_cluster(const Candidate& candidate, const std::filesystem::path& folder) {
    Result<TurbineRun> run = run_turbine(candidate.file, options_.seed, folder);
    if (!run) return tl::unexpected(run.error());
    if (!folder.empty()) {
      if (const Status written = write_junit(run->result, folder); !written)
        return tl::unexpected(written.error());
    }
    if (!plan_.single()) fmt::print("{}\n", batch_line(run->result));
    if (plan_.single() || run->result.verdict != RunVerdict::kPass) {
      fmt::print("{}", run->said);
      if (!folder.empty()) fmt::print("  {}\n", (folder / "result.json").string());
    }
    std::fflush(stdout);
    return std::move(run->result);
  }

  const ScenarioRunOptions& options_;
  std::vector<Candidate> candidates_;
  Topology topology_;
  NicLab* lab_;
  std::stop_token stop_;
  RunBatch plan_;
  bool failed_to_make_ = false;
};

}  // namespace

void add_run(CLI::App& app, ScenarioRunOptions& options) {
  CLI::App* run = app.add_subcommand("run", "Run scenarios through their receive paths and judge them.");
  run->add_option("scenarios", options.files, "scenario files")->required()->check(CLI::ExistingFile);
  CLI::Option* topology = run->add_option("--topology", options.topology, "what they run over")
                              ->check(CLI::IsMember({"veth", "ring"}))
                              ->capture_default_str();
  run->add_option("--lab", options.lab, "over the ports of this lab file (docs/lab.md)")
      ->check(CLI::ExistingFile)
      ->excludes(topology);
  run->add_option(
      "--filter", options.filters,
      "only those with this word or pattern ('*') in their name, or tag:WORD, or size:WORD; given "
      "several times: all of them");
  run->add_option("--repeat", options.repeat, "so many times, all of them in each round")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  run->add_flag("--until-fail", options.until_fail,
                "stop after the first run that does not pass; without --repeat go on until then");
  run->add_flag("--keep", options.keep,
                "keep the namespaces of each path's turn until Enter, to look at them");
  run->add_option("--seed", options.seed, "of the workload, instead of the file's")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{INT64_MAX}));
  run->add_option("--queues", options.queues, "RX queues of the receiver, instead of the file's")
      ->check(CLI::Range(1, 64));
  run->add_option("--out", options.out, "folder for result.json; with several runs one below it for each")
      ->envname("TEST_UNDECLARED_OUTPUTS_DIR");  // under `bazel test`: where Bazel collects them
  run->add_flag("--quiet", options.quiet, "no progress");
}

int run(const ScenarioRunOptions& options) {
  if (options.keep && options.topology != to_string(Topology::kVeth))
    return complain(fail("--keep: the simulated ring has no namespaces").value(), kUsageStatus);
  Result<std::vector<Candidate>> candidates = candidates_of(options);
  if (!candidates) return complain(candidates.error(), kUsageStatus);
  if (options.lab.empty()) return Runs(options, std::move(*candidates), nullptr).run_all();
  return in_lab(options.lab, [&](NicLab& lab, std::stop_token stop) {
    return Runs(options, std::move(*candidates), &lab, std::move(stop)).run_all();
  });
}

}  // namespace penstock
