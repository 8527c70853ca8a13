// Rounds, steps within rounds, ways within steps.
#include "bench/paths/sweep.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "bench/paths/trial.h"

namespace penstock {
namespace {

using Say = std::function<void(const std::string&)>;

constexpr std::string_view kSpins = "/spin";

class Sweeping {
 public:
  Sweeping(const SweepConfig& config, std::vector<Contestant> contestants, Stage stage, const Say& say)
      : contestants_(std::move(contestants)), stage_(std::move(stage)), say_(say) {
    sweep_.config = config;
    sweep_.kernel = kernel_release();
    for (const Traffic& traffic : config.steps) {
      for (const Contestant& contestant : contestants_)
        sweep_.cells.push_back({.traffic = traffic, .way = contestant.name});
    }
  }

  Result<Sweep> run() {
    const int rounds = sweep_.config.comparison.rounds;
    for (int round = 0; round < rounds; ++round) {
      const Result<double> waiting = cost_of_waiting(stage_);
      if (!waiting) return tl::unexpected(waiting.error());
      sweep_.waiting.add(*waiting);
      for (std::size_t step = 0; step < sweep_.config.steps.size(); ++step) {
        if (Status s = run_step(step); !s) return tl::unexpected(s.error());
        const Traffic& traffic = sweep_.config.steps[step];
        say_(fmt::format("round {} of {}: {} bytes, {} % for the port", round + 1, rounds,
                         traffic.frame_bytes, traffic.ours_percent));
      }
    }
    return std::move(sweep_);
  }

 private:
  Status run_step(std::size_t step) {
    stage_.set_traffic(sweep_.config.steps[step]);
    const Result<Trial> dropped = run_baseline(stage_, sweep_.config.load, sweep_.config.comparison.duration);
    if (!dropped) return fail("baseline", dropped.error());
    const double baseline = work_each(*dropped);
    sweep_.baseline.add(baseline);
    for (std::size_t i = 0; i < contestants_.size(); ++i) {
      SweepCell& cell = sweep_.cells[step * contestants_.size() + i];
      if (Status s = run_flat_out(contestants_[i], cell); !s) return fail(cell.way, s.error());
      if (cell.way.ends_with(kSpins)) continue;
      if (Status s = run_at_load(contestants_[i], baseline, cell); !s) return fail(cell.way, s.error());
    }
    return {};
  }

  Status run_flat_out(const Contestant& contestant, SweepCell& cell) {
    const Result<Trial> trial = run_trial(stage_, contestant.open, 0, sweep_.config.comparison.duration);
    if (!trial) return tl::unexpected(trial.error());
    cell.max.add(trial->handled_rate(contestant.counts_host));
    cell.lost.add(trial->lost());
    if (contestant.counts_host && trial->others != 0) {
      cell.host_lost.add(1 - static_cast<double>(trial->delivered.host) / static_cast<double>(trial->others));
    }
    return {};
  }

  Status run_at_load(const Contestant& contestant, double baseline, SweepCell& cell) {
    const Result<Trial> trial =
        run_trial(stage_, contestant.open, sweep_.config.load, sweep_.config.comparison.duration);
    if (!trial) return tl::unexpected(trial.error());
    cell.cost.add(work_each(*trial) - baseline);
    cell.lost_at_load.add(trial->lost());
    cell.kept_rate = cell.kept_rate && trial->kept_rate;
    return {};
  }

  double work_each(const Trial& trial) const {
    return trial.work(sweep_.waiting.median()) / static_cast<double>(trial.offered + trial.others);
  }

  std::vector<Contestant> contestants_;
  Stage stage_;
  const Say& say_;
  Sweep sweep_;
};

}  // namespace

std::vector<Traffic> share_steps() {
  std::vector<Traffic> steps;
  for (const std::uint32_t percent : {100u, 50u, 10u, 1u})
    steps.push_back({.frame_bytes = 1245, .ours_percent = percent, .single = false});
  return steps;
}

std::vector<Traffic> length_steps() {
  std::vector<Traffic> steps;
  for (const std::uint32_t bytes : {64u, 128u, 256u, 512u, 1024u, 1245u, 1270u})
    steps.push_back({.frame_bytes = bytes, .ours_percent = 100});
  return steps;
}

Result<Sweep> run_sweep(const SweepConfig& config, const Say& progress) {
  Result<std::vector<Contestant>> contestants =
      who_takes_part(config.comparison.names, config.comparison.subject);
  if (!contestants) return tl::unexpected(contestants.error());
  for (const Contestant& contestant : *contestants) {
    for (const Traffic& traffic : config.steps) {
      if (traffic.ours_percent == 100 || !contestant.takes_all) continue;
      return fail(contestant.name + " counts every frame, the port's or not", 0,
                  "leave it out of --ways, or sweep the lengths");
    }
  }
  Result<Stage> stage = Stage::create(config.comparison.stage);
  if (!stage) return tl::unexpected(stage.error());
  return Sweeping(config, std::move(*contestants), std::move(*stage), progress).run();
}

}  // namespace penstock
