// Rounds and turns.
#include "bench/paths/comparison.h"

#include <utility>

#include <fmt/format.h>

#include "bench/paths/limits.h"
#include "sim/machine/cpu_time.h"

namespace penstock {
namespace {

constexpr Nanoseconds kSearchTrial = kSecond / 2;

using Say = std::function<void(const std::string&)>;

class Comparing {
 public:
  Comparing(const ComparisonConfig& config, std::vector<Contestant> contestants, const Stage& stage,
            const Say& say)
      : stage_(stage), say_(say) {
    comparison_.config = config;
    comparison_.kernel = kernel_release();
    for (Contestant& contestant : contestants)
      comparison_.ways.push_back({.contestant = std::move(contestant)});
  }

  Result<Comparison> run() {
    if (Status s = measure_highest(); !s) return tl::unexpected(s.error());
    if (comparison_.config.search) {
      if (Status s = search(); !s) return tl::unexpected(s.error());
    }
    return std::move(comparison_);
  }

 private:
  Status measure_highest() {
    for (int round = 0; round < comparison_.config.rounds; ++round) {
      const Result<Trial> baseline = run_baseline(stage_, 0, comparison_.config.duration);
      if (!baseline) return fail("baseline", baseline.error());
      comparison_.baseline.add(nanoseconds_each(baseline->busy, baseline->offered));
      for (Measured& each : comparison_.ways) {
        const Result<Trial> trial = run_trial(stage_, each.contestant.open, 0, comparison_.config.duration);
        if (!trial) return fail(each.contestant.name, trial.error());
        note(each, *trial);
        say_(fmt::format(
            "round {} of {}: {} {:.2f} M/s, {:.1f} % lost, {:.0f} ns a packet over the baseline's {:.0f}",
            round + 1, comparison_.config.rounds, each.contestant.name, trial->delivered_rate() / 1e6,
            trial->lost() * 100, each.cost.values().back(), comparison_.baseline.values().back()));
      }
    }
    return {};
  }

  void note(Measured& each, const Trial& trial) const {
    each.highest.add(trial.delivered_rate());
    each.lost.add(trial.lost());
    each.cost.add(nanoseconds_each(trial.busy, trial.delivered.datagrams) -
                  comparison_.baseline.values().back());
  }

  Status search() {
    for (Measured& each : comparison_.ways) {
      const Result<FoundRates> found =
          find_rates(stage_, each.contestant, {}, each.highest.median(), kSearchTrial);
      if (!found) return fail(each.contestant.name, found.error());
      each.ndr = found->bounds[0].lower;
      each.pdr = found->bounds[1].lower;
      say_(fmt::format("search: {} NDR {:.2f} M/s, PDR {:.2f} M/s", each.contestant.name,
                       static_cast<double>(each.ndr) / 1e6, static_cast<double>(each.pdr) / 1e6));
    }
    return {};
  }

  const Stage& stage_;
  const Say& say_;
  Comparison comparison_;
};

}  // namespace

Result<Comparison> compare(const ComparisonConfig& config, const Say& progress) {
  Result<std::vector<Contestant>> contestants = who_takes_part(config.names, config.subject);
  if (!contestants) return tl::unexpected(contestants.error());
  const Result<Stage> stage = Stage::create(config.stage);
  if (!stage) return tl::unexpected(stage.error());
  return Comparing(config, std::move(*contestants), *stage, progress).run();
}

}  // namespace penstock
