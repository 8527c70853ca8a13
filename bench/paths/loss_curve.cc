// Rounds, ways within rounds, rates within ways.
#include "bench/paths/loss_curve.h"

#include <utility>

#include <fmt/format.h>

#include "bench/paths/conditions.h"
#include "bench/paths/markdown.h"
#include "bench/paths/trial.h"

namespace penstock {
namespace {

Status run_way(const Stage& stage, const Contestant& contestant, Nanoseconds duration, LossPoint* points,
               std::size_t count) {
  Result<Session> session = Session::open(stage, contestant.open, 0);
  if (!session) return tl::unexpected(session.error());
  for (LossPoint* point = points; point != points + count; ++point) {
    const Result<Trial> trial = session->trial([&] { return stage.send(point->pps, duration); }, point->pps);
    if (!trial) return tl::unexpected(trial.error());
    point->lost.add(trial->lost());
    point->offered.add(trial->offered_rate());
    point->total += trial->delivered;
    point->veth_full += trial->veth_full;
    point->missed += trial->kept_rate ? 0 : 1;
  }
  return {};
}

// Where the sender missed its rate in most rounds, what it offered instead.
std::string cell_text(const LossPoint& point) {
  std::string text = fmt::format("{:.2f} %", point.lost.median() * 100);
  const Interval bounds = point.lost.interval();
  if (bounds.high >= 0.00005)  // else it would read 0.00
    text += fmt::format(" [{:.2f} {:.2f}]", bounds.low * 100, bounds.high * 100);
  if (2 * point.missed > static_cast<int>(point.lost.size()))
    text += fmt::format(" at {:.2f}", point.offered.median() / 1e6);
  return text;
}

}  // namespace

std::vector<std::uint64_t> usual_rates() {
  return {250'000, 500'000, 750'000, 1'000'000, 1'500'000, 2'000'000, 2'500'000, 3'000'000, 4'000'000};
}

Result<LossCurve> run_loss_curve(const LossCurveConfig& config,
                                 const std::function<void(const std::string&)>& progress) {
  const ComparisonConfig& comparison = config.comparison;
  const Result<std::vector<Contestant>> contestants = who_takes_part(comparison.names, comparison.subject);
  if (!contestants) return tl::unexpected(contestants.error());
  const Result<Stage> stage = Stage::create(comparison.stage);
  if (!stage) return tl::unexpected(stage.error());
  LossCurve curve{.config = config, .kernel = kernel_release()};
  for (const Contestant& contestant : *contestants) {
    for (const std::uint64_t pps : config.rates)
      curve.points.push_back({.way = contestant.name, .pps = pps});
  }
  for (int round = 0; round < comparison.rounds; ++round) {
    LossPoint* points = curve.points.data();
    for (const Contestant& contestant : *contestants) {
      if (Status s = run_way(*stage, contestant, comparison.duration, points, config.rates.size()); !s)
        return fail(contestant.name, s.error());
      points += config.rates.size();
      progress(fmt::format("round {} of {}: {}", round + 1, comparison.rounds, contestant.name));
    }
  }
  return curve;
}

std::string to_table(const LossCurve& curve) {
  const ComparisonConfig& config = curve.config.comparison;
  std::vector<std::string> header{"way"};
  for (const std::uint64_t pps : curve.config.rates)
    header.push_back(fmt::format("{:g} M/s", static_cast<double>(pps) / 1e6));
  MarkdownTable table(header);
  for (std::size_t first = 0; first < curve.points.size(); first += curve.config.rates.size()) {
    std::vector<std::string> row{curve.points[first].way};
    for (std::size_t i = first; i < first + curve.config.rates.size(); ++i)
      row.push_back(cell_text(curve.points[i]));
    table.add(std::move(row));
  }
  return fmt::format(
      "Lost of what was offered, by offered load\n{}\n\n{}\n"
      "\"at\": the sender missed that rate, and offered so many million a second.\n",
      conditions(config, {}), table.text());
}

}  // namespace penstock
