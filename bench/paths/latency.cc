// Rates within rounds, contestants within rates.
#include "bench/paths/latency.h"

#include <fmt/format.h>

#include "sim/machine/pauses.h"

namespace penstock {
namespace {

Status add_trial(const Stage& stage, const Contestant& contestant, Nanoseconds duration, LatencyRun& into) {
  const Result<Trial> trial = run_trial(stage, contestant.open, into.pps, duration, 0, &into.latency);
  if (!trial) return fail(contestant.name, trial.error());
  if (into.latency.count() == 0)
    return fail(contestant.name + " does not say how old datagrams are", 0, "leave it out of --ways");
  into.trial.offered += trial->offered;
  into.trial.delivered.datagrams += trial->delivered.datagrams;
  into.trial.kept_rate = into.trial.kept_rate && trial->kept_rate;
  return {};
}

}  // namespace

Result<LatencyRuns> run_latency(const ComparisonConfig& config, std::span<const std::uint64_t> rates,
                                const std::function<void(const std::string&)>& progress) {
  SubjectConfig of_subject = config.subject;
  of_subject.latency = true;
  const Result<std::vector<Contestant>> contestants = who_takes_part(config.names, of_subject);
  if (!contestants) return tl::unexpected(contestants.error());
  StageConfig of_stage = config.stage;
  of_stage.stamped = true;
  const Result<Stage> stage = Stage::create(of_stage);
  if (!stage) return tl::unexpected(stage.error());
  LatencyRuns all;
  for (const std::uint64_t pps : rates) {
    for (const Contestant& contestant : *contestants)
      all.runs.push_back({.name = contestant.name, .pps = pps});
  }
  for (int round = 0; round < config.rounds; ++round) {
    for (std::size_t i = 0; i < all.runs.size(); ++i) {
      const Contestant& contestant = (*contestants)[i % contestants->size()];
      if (Status s = add_trial(*stage, contestant, config.duration, all.runs[i]); !s)
        return tl::unexpected(s.error());
    }
    watch_pauses(config.stage.receiver_cpu, config.duration, all.pauses);
    progress(fmt::format("round {} of {}", round + 1, config.rounds));
  }
  return all;
}

std::string to_table(const ComparisonConfig& config, const LatencyRuns& runs) {
  const auto us = [](Nanoseconds time) { return static_cast<double>(time) / kMicrosecond; };
  std::string text = fmt::format(
      "veth, {}, one queue, frames of {} bytes, {} rounds of {:.1f} s; age at the sink in microseconds\n\n"
      "{:<24} {:>10} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8}\n",
      to_string(config.stage.coupling), config.stage.traffic.frame_bytes, config.rounds,
      static_cast<double>(config.duration) / kSecond, "way", "frames/s", "p10", "p50", "p90", "p99", "p99.9",
      "max", "lost");
  for (const LatencyRun& run : runs.runs) {
    const LatencyHistogram& age = run.latency;
    text += fmt::format("{:<24} {:>10} {:>8.1f} {:>8.1f} {:>8.1f} {:>8.1f} {:>8.1f} {:>9.1f} {:>8}{}\n",
                        run.name, run.pps, us(age.percentile(0.1)), us(age.percentile(0.5)),
                        us(age.percentile(0.9)), us(age.percentile(0.99)), us(age.percentile(0.999)),
                        us(age.max()), run.trial.offered - run.trial.delivered.datagrams,
                        run.trial.kept_rate ? "" : "  invalid: the sender missed its rate");
  }
  return text + fmt::format(
                    "\nThe machine: a thread that spun on the receiver's core stood still for a "
                    "microsecond or more {} times, p50 {:.1f}, p99 {:.1f}, at most {:.1f}.\n",
                    runs.pauses.count(), us(runs.pauses.percentile(0.5)), us(runs.pauses.percentile(0.99)),
                    us(runs.pauses.max()));
}

}  // namespace penstock
