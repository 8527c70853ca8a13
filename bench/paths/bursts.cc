// Rounds, rings within rounds, ways within rings.
#include "bench/paths/bursts.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "bench/paths/conditions.h"
#include "bench/paths/markdown.h"
#include "bench/paths/rate_search.h"
#include "bench/paths/trial.h"

namespace penstock {
namespace {

using Say = std::function<void(const std::string&)>;

constexpr double kWidth = 0.06;

struct Found {
  std::uint64_t largest = 0;
  bool all_passed = true;
  double rate = 0;
};

// The search begins at `first`.
Result<Found> find_largest(const Stage& stage, const Contestant& contestant, std::uint64_t first,
                           std::uint64_t most) {
  Result<Session> session = Session::open(stage, contestant.open, 0);
  if (!session) return tl::unexpected(session.error());
  Found found;
  const auto lost = [&](std::uint64_t frames) -> Result<double> {
    const Result<Trial> trial = session->trial([&] { return stage.send_burst(frames); });
    if (!trial) return tl::unexpected(trial.error());
    const bool whole = trial->delivered.datagrams == trial->offered;
    found.all_passed = found.all_passed && whole;
    if (whole) found.rate = trial->offered_rate();
    return trial->lost();
  };
  const RateSearchConfig search{
      .first = static_cast<double>(first), .lowest = kMaxSendBurst, .highest = most, .width = kWidth};
  const Result<FoundRates> largest = search_rates(search, std::array{kNoLoss}, lost);
  if (!largest) return tl::unexpected(largest.error());
  found.largest = largest->bounds.front().lower;
  return found;
}

std::vector<std::string> both_filters() {
  return {"kernel_filter/spin", "kernel_filter/block", "userspace_filter/spin", "userspace_filter/block"};
}

std::string cell_text(const BurstCell& cell) {
  if (!cell.all_passed) return cell.largest.text(1, 0);
  return fmt::format("all, {:.0f}", cell.largest.median());
}

}  // namespace

Result<Bursts> run_bursts(const BurstConfig& given, const Say& progress) {
  Bursts bursts{.config = given, .kernel = kernel_release()};
  ComparisonConfig& config = bursts.config.comparison;
  if (config.names.empty()) config.names = both_filters();
  const Result<Stage> stage = Stage::create(config.stage);
  if (!stage) return tl::unexpected(stage.error());
  for (const std::string& name : config.names) {
    for (const std::uint32_t ring : given.rings)
      bursts.cells.push_back({.way = name, .ring = ring});
  }
  for (int round = 0; round < config.rounds; ++round) {
    for (std::size_t ring = 0; ring < given.rings.size(); ++ring) {
      SubjectConfig subject = config.subject;
      subject.rx_entries = given.rings[ring];
      const Result<std::vector<Contestant>> contestants = who_takes_part(config.names, subject);
      if (!contestants) return tl::unexpected(contestants.error());
      for (std::size_t way = 0; way < contestants->size(); ++way) {
        const Result<Found> found = find_largest(*stage, (*contestants)[way], subject.rx_entries, given.most);
        BurstCell& cell = bursts.cells[way * given.rings.size() + ring];
        if (!found) return fail(cell.way, found.error());
        cell.largest.add(static_cast<double>(found->largest));
        cell.all_passed = cell.all_passed && found->all_passed;
        if (found->rate != 0) cell.rate.add(found->rate);
      }
      progress(fmt::format("round {} of {}: ring of {}", round + 1, config.rounds, subject.rx_entries));
    }
  }
  return bursts;
}

std::string to_table(const Bursts& bursts) {
  const ComparisonConfig& config = bursts.config.comparison;
  std::vector<std::string> header{"way", "sent at, M/s"};
  for (const std::uint32_t ring : bursts.config.rings)
    header.push_back(fmt::format("ring {}", ring));
  MarkdownTable table(header);
  for (std::size_t first = 0; first < bursts.cells.size(); first += bursts.config.rings.size()) {
    std::vector<std::string> row{bursts.cells[first].way};
    Sample rates;
    for (std::size_t i = first; i < first + bursts.config.rings.size(); ++i) {
      for (const double rate : bursts.cells[i].rate.values())
        rates.add(rate);
    }
    row.push_back(rates.size() == 0 ? "-" : fmt::format("{:.1f}", rates.median() / 1e6));
    for (std::size_t i = first; i < first + bursts.config.rings.size(); ++i)
      row.push_back(cell_text(bursts.cells[i]));
    table.add(std::move(row));
  }
  return fmt::format(
      "Largest burst received whole, flat out into an idle receiver, by entries of the RX ring\n{}\n\n{}\n"
      "A size passes when two of at most three bursts lose nothing; found to {:.0f} %, up to {} frames, "
      "where \"all\" says that none was lost.\n",
      conditions(config, {.seconds = true, .ring = true}), table.text(), kWidth * 100, bursts.config.most);
}

}  // namespace penstock
