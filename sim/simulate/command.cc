// What a person sees of a simulation.
#include "sim/simulate/command.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/base/clock.h"
#include "engine/version/version.h"
#include "sim/commands/progress.h"
#include "sim/simulate/isolated.h"
#include "sim/simulate/plan_file.h"
#include "sim/simulate/shrink.h"

namespace penstock {
namespace {

constexpr int kHeld = 0, kBroken = 1, kUsage = 2;

int complain(const Error& error) {
  fmt::print(stderr, "runner: {}\n", error.message());
  return kUsage;
}

std::string summary(const SimOutcome& outcome) {
  return fmt::format(
      "{} events, {} ring steps, {:.1f} ms of virtual time; {} frames in: {} delivered, {} to the host, {} "
      "lost by name",
      outcome.events, outcome.steps, static_cast<double>(outcome.time) / kMillisecond, outcome.arrived,
      outcome.delivered, outcome.host, outcome.lost);
}

// Shrinks a failure, leaves it as a file, says how to repeat it.
int explain(const SimPlan& plan, const SimOutcome& outcome, const std::filesystem::path& out) {
  fmt::print("FAIL seed {}: {}\n", plan.seed, outcome.violation);
  fmt::print("  shrinking {} events ...\n", plan.events.size());
  const Result<Shrunk> shrunk = shrink(plan, outcome, run_isolated);
  if (!shrunk) return complain(shrunk.error());
  const std::filesystem::path file = out / fmt::format("simulate-{}.toml", plan.seed);
  const std::string command = fmt::format("bazel-bin/sim/runner simulate --replay {}", file.string());
  const std::string comment = fmt::format("{}\nreplay: {}\nof seed {}, penstock {}", shrunk->violation,
                                          command, plan.seed, version());
  if (Status s = write_plan(shrunk->plan, comment, file); !s) return complain(s.error());
  fmt::print("  {} events are left after {} tries: {}\n  {}\n", shrunk->plan.events.size(), shrunk->tries,
             shrunk->violation, command);
  return kBroken;
}

int replay(const SimulateOptions& options) {
  const Result<SimPlan> plan = read_plan(options.replay);
  if (!plan) return complain(plan.error());
  fmt::print("SEED={} PLAN={} VERSION={}\n", plan->seed, options.replay.string(), version());
  const Result<SimOutcome> outcome = run_isolated(*plan);
  if (!outcome) return complain(outcome.error());
  fmt::print("{}\n", outcome->held() ? summary(*outcome) : "FAIL: " + outcome->violation);
  fmt::print("UNSEED={:016x}\n", outcome->digest);
  return outcome->held() ? kHeld : kBroken;
}

SimOutcome sum(const SimOutcome& a, const SimOutcome& b) {
  // The digests are added, so that the order in which seeds end does not matter.
  return {.digest = a.digest + b.digest,
          .violation = {},
          .events = a.events + b.events,
          .steps = a.steps + b.steps,
          .arrived = a.arrived + b.arrived,
          .delivered = a.delivered + b.delivered,
          .host = a.host + b.host,
          .lost = a.lost + b.lost,
          .time = a.time + b.time};
}

}  // namespace

void add_simulate(CLI::App& app, SimulateOptions& options) {
  CLI::App* command = app.add_subcommand(
      "simulate",
      "Run the engine's receive code over a simulated NIC with virtual time, every draw from one seed: "
      "traffic, ring sizes, faults. Needs no privilege.");
  command->add_option("--seed", options.seed, "the seed, or the first of many")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{INT64_MAX}))
      ->capture_default_str();
  command->add_option("--seeds", options.seeds, "how many seeds, from --seed on")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
      ->capture_default_str();
  command->add_option("--jobs", options.jobs, "processes at once; 0: one a core")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  command->add_option("--replay", options.replay, "a plan that a failure left, in place of seeds")
      ->check(CLI::ExistingFile);
  command->add_option("--out", options.out, "folder for the plans of failures")
      ->envname("TEST_UNDECLARED_OUTPUTS_DIR")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  command->add_flag("--keep-going", options.keep_going, "past the first seed that fails");
  command->add_flag("--quiet", options.quiet, "no progress");
}

int simulate(const SimulateOptions& options) {
  if (!options.replay.empty()) return replay(options);
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  const auto jobs =
      static_cast<unsigned>(std::min<std::uint64_t>(options.jobs != 0 ? options.jobs : cores, options.seeds));
  fmt::print("SEED={} SEEDS={} JOBS={} VERSION={}\n", options.seed, options.seeds, jobs, version());
  std::fflush(stdout);

  SimOutcome total;
  std::uint64_t done = 0, failed = 0;
  int status = kHeld;
  const MonotonicClock clock;
  const Nanoseconds start = clock.now();
  Status ran;
  {
    ProgressLine line(!options.quiet);
    ran = run_seeds({options.seed, options.seeds}, jobs, [&](std::uint64_t seed, const SimOutcome& outcome) {
      total = sum(total, outcome);
      line.show({.phase = "simulating", .done = ++done, .of = options.seeds, .unit = "seeds"});
      if (outcome.held()) return true;
      ++failed;
      status = std::max(status, explain(draw_plan(seed), outcome, options.out));
      return options.keep_going && status != kUsage;
    });
  }
  if (!ran) return complain(ran.error());
  fmt::print("{}\n{} of {} seeds, {} failed, in {:.1f} s\nUNSEED={:016x}\n", summary(total), done,
             options.seeds, failed, static_cast<double>(clock.now() - start) / kSecond, total.digest);
  return status;
}

}  // namespace penstock
