// Rates within rounds, contestants within rates.
#include "bench/paths/latency.h"

#include <utility>

#include <fmt/format.h>

#include "bench/paths/conditions.h"
#include "bench/paths/distribution.h"
#include "bench/paths/markdown.h"
#include "sim/machine/pauses.h"

namespace penstock {
namespace {

Status add_trial(const Stage& stage, Nanoseconds duration, LatencyRun& run) {
  const Result<Trial> trial = run_trial(stage, run.contestant.open, run.pps, duration, &run.latency);
  if (!trial) return fail(run.contestant.name, trial.error());
  run.trial.offered += trial->offered;
  run.trial.delivered += trial->delivered;
  run.trial.kept_rate = run.trial.kept_rate && trial->kept_rate;
  return {};
}

std::vector<std::string> row_of(const std::string& name, const std::string& load,
                                const LatencyHistogram& age) {
  std::vector<std::string> row{name, load};
  for (const double share : {0.1, 0.5, 0.9, 0.99, 0.999, 1.0})
    row.push_back(fmt::format("{:.1f}", static_cast<double>(age.percentile(share)) / kMicrosecond));
  return row;
}

std::string load_of(const LatencyRun& run) {
  if (run.of_ndr == 0) return std::to_string(run.pps);
  return fmt::format("{:.0f} % of NDR, {}", run.of_ndr * 100, run.pps);
}

}  // namespace

Status run_latency_rounds(const Stage& stage, int rounds, Nanoseconds duration,
                          const std::function<void(const std::string&)>& progress, LatencyRuns& runs) {
  for (int round = 0; round < rounds; ++round) {
    for (LatencyRun& run : runs.runs) {
      if (Status s = add_trial(stage, duration, run); !s) return s;
    }
    watch_pauses(stage.config().receiver_cpu, duration, runs.pauses);
    progress(fmt::format("ages, round {} of {}", round + 1, rounds));
  }
  return {};
}

Result<LatencyRuns> run_latency(const ComparisonConfig& config, std::span<const std::uint64_t> rates,
                                const std::function<void(const std::string&)>& progress) {
  SubjectConfig of_subject = config.subject;
  of_subject.latency = true;
  const Result<std::vector<Contestant>> contestants = who_takes_part(config.names, of_subject);
  if (!contestants) return tl::unexpected(contestants.error());
  for (const Contestant& contestant : *contestants) {
    if (!contestant.tells_age)
      return fail(contestant.name + " does not say how old datagrams are", 0, "leave it out of --ways");
  }
  StageConfig of_stage = config.stage;
  of_stage.stamped = true;
  const Result<Stage> stage = Stage::create(of_stage);
  if (!stage) return tl::unexpected(stage.error());
  LatencyRuns all;
  for (const std::uint64_t pps : rates) {
    for (const Contestant& contestant : *contestants)
      all.runs.push_back({.contestant = contestant, .pps = pps});
  }
  if (Status s = run_latency_rounds(*stage, config.rounds, config.duration, progress, all); !s)
    return tl::unexpected(s.error());
  return all;
}

std::string latency_table(const LatencyRuns& runs) {
  DistributionTable distribution;
  MarkdownTable table({"way", "frames/s", "p10", "p50", "p90", "p99", "p99.9", "max", "lost"});
  for (const LatencyRun& run : runs.runs) {
    std::vector<std::string> row = row_of(run.contestant.name, load_of(run), run.latency);
    distribution.add(fmt::format("{}, {}", run.contestant.name, load_of(run)), run.latency);
    row.push_back(run.trial.kept_rate ? std::to_string(run.trial.offered - run.trial.delivered.datagrams)
                                      : "rate missed");
    table.add(std::move(row));
  }
  std::vector<std::string> machine = row_of("the machine", "-", runs.pauses);
  machine.push_back("-");
  table.add(std::move(machine));
  distribution.add("the machine", runs.pauses);
  return fmt::format(
      "{}\nThe machine: a thread that only spun on the receiver's core stood still for a microsecond or more "
      "{} "
      "times.\n\n{}",
      table.text(), runs.pauses.count(), distribution.text());
}

std::string to_table(const ComparisonConfig& config, const LatencyRuns& runs) {
  return fmt::format("Age at the sink, microseconds\n{}\n\n{}", conditions(config, {.medians = true}),
                     latency_table(runs));
}

}  // namespace penstock
