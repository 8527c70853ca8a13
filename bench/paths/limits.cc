// Couplings, rounds within couplings, ways within rounds.
#include "bench/paths/limits.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "bench/paths/conditions.h"
#include "bench/paths/markdown.h"
#include "bench/paths/trial.h"

namespace penstock {
namespace {

using Say = std::function<void(const std::string&)>;

constexpr std::array kGoals{kNoLoss, kPartialLoss};
constexpr std::array kShares{0.1, 0.5, 0.9};  // of NDR, for the ages

Result<FoundRates> search_in(Session& session, const Stage& stage, const RateSearchConfig& config,
                             Nanoseconds duration) {
  return search_rates(config, kGoals, [&](std::uint64_t rate) -> Result<double> {
    const Result<Trial> trial = session.trial([&] { return stage.send(rate, duration); }, rate);
    if (!trial) return tl::unexpected(trial.error());
    return trial->kept_rate ? trial->lost() : 2.0;
  });
}

Status search_once(const Stage& stage, const Contestant& contestant, const LimitsConfig& config,
                   WayLimits& into) {
  const Nanoseconds duration = config.comparison.duration;
  Result<Session> session = Session::open(stage, contestant.open, 0);
  if (!session) return tl::unexpected(session.error());
  const Result<Trial> flat_out = session->trial([&] { return stage.send(0, duration); });
  if (!flat_out) return tl::unexpected(flat_out.error());
  into.flat_out.add(flat_out->delivered_rate());
  RateSearchConfig search = config.search;
  search.first = flat_out->delivered_rate();
  const Result<FoundRates> found = search_in(*session, stage, search, duration);
  if (!found) return tl::unexpected(found.error());
  into.ndr.add(static_cast<double>(found->bounds[0].lower));
  into.pdr.add(static_cast<double>(found->bounds[1].lower));
  into.trials += found->trials;
  return {};
}

Status search_all(const Stage& stage, const LimitsConfig& config, const Say& say, CouplingLimits& into) {
  const ComparisonConfig& comparison = config.comparison;
  const Result<std::vector<Contestant>> contestants = who_takes_part(comparison.names, comparison.subject);
  if (!contestants) return tl::unexpected(contestants.error());
  for (const Contestant& contestant : *contestants)
    into.ways.push_back({.way = contestant.name});
  for (int round = 0; round < comparison.rounds; ++round) {
    for (std::size_t i = 0; i < contestants->size(); ++i) {
      WayLimits& way = into.ways[i];
      if (Status s = search_once(stage, (*contestants)[i], config, way); !s) return fail(way.way, s.error());
      say(fmt::format("{}, round {} of {}: {} NDR {:.2f} M/s, PDR {:.2f} M/s", to_string(into.coupling),
                      round + 1, comparison.rounds, way.way, way.ndr.values().back() / 1e6,
                      way.pdr.values().back() / 1e6));
    }
  }
  return {};
}

Status ages(const Stage& stage, const LimitsConfig& config, const Say& say, CouplingLimits& into) {
  SubjectConfig subject = config.comparison.subject;
  subject.latency = true;
  const Result<std::vector<Contestant>> contestants = who_takes_part(config.comparison.names, subject);
  if (!contestants) return tl::unexpected(contestants.error());
  for (std::size_t i = 0; i < contestants->size(); ++i) {
    const double ndr = into.ways[i].ndr.median();
    if (ndr == 0 || !(*contestants)[i].tells_age) continue;
    for (const double share : kShares) {
      into.latency.runs.push_back(
          {.contestant = (*contestants)[i], .pps = static_cast<std::uint64_t>(ndr * share), .of_ndr = share});
    }
  }
  return run_latency_rounds(stage, config.comparison.rounds, config.comparison.duration, say, into.latency);
}

}  // namespace

Result<FoundRates> find_rates(const Stage& stage, const Contestant& contestant, RateSearchConfig config,
                              double first, Nanoseconds trial) {
  Result<Session> session = Session::open(stage, contestant.open, 0);
  if (!session) return tl::unexpected(session.error());
  config.first = first;
  return search_in(*session, stage, config, trial);
}

Result<Limits> run_limits(const LimitsConfig& config, const Say& progress) {
  Limits limits{.config = config, .kernel = kernel_release()};
  for (const Coupling coupling : config.couplings) {
    StageConfig of_stage = config.comparison.stage;
    of_stage.coupling = coupling;
    of_stage.stamped = true;
    const Result<Stage> stage = Stage::create(of_stage);
    if (!stage) return tl::unexpected(stage.error());
    CouplingLimits& into = limits.couplings.emplace_back();
    into.coupling = coupling;
    into.place = place_of(of_stage);
    if (Status s = search_all(*stage, config, progress, into); !s) return tl::unexpected(s.error());
    if (Status s = ages(*stage, config, progress, into); !s) return tl::unexpected(s.error());
  }
  return limits;
}

std::string to_table(const Limits& limits) {
  const ComparisonConfig& config = limits.config.comparison;
  const double seconds = static_cast<double>(config.duration) / kSecond;
  std::string text =
      fmt::format("Millions a second\n{}\n{}\n", conditions(config, {.place = true, .seconds = true}),
                  stop_rule(limits.config.search, seconds));
  for (const CouplingLimits& each : limits.couplings) {
    MarkdownTable rates({each.place, "NDR", "PDR", "flat out", "trials"});
    for (const WayLimits& way : each.ways) {
      rates.add({way.way, way.ndr.text(1e6, 2), way.pdr.text(1e6, 2), way.flat_out.text(1e6, 2),
                 std::to_string(way.trials)});
    }
    text += fmt::format("\n{}\nAge at the sink, {}, microseconds:\n\n{}", rates.text(), each.place,
                        latency_table(each.latency));
  }
  return text;
}

}  // namespace penstock
