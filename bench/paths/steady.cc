// One rate, every cause of loss.
#include "bench/paths/steady.h"

#include <utility>

#include <fmt/format.h>

#include "bench/paths/conditions.h"
#include "bench/paths/markdown.h"

namespace penstock {

bool SteadyRun::lossless() const {
  const Delivered& d = trial.delivered;
  return d.datagrams == trial.offered &&
         d.rx_ring_full + d.fill_empty + d.socket_drop + d.overrun + d.host_lost + trial.veth_full == 0;
}

Result<std::vector<SteadyRun>> run_steady(const ComparisonConfig& config, std::uint64_t pps,
                                          const std::function<void(const std::string&)>& progress) {
  const Result<std::vector<Contestant>> contestants = who_takes_part(config.names, config.subject);
  if (!contestants) return tl::unexpected(contestants.error());
  const Result<Stage> stage = Stage::create(config.stage);
  if (!stage) return tl::unexpected(stage.error());
  std::vector<SteadyRun> runs;
  for (int round = 0; round < config.rounds; ++round) {
    for (const Contestant& contestant : *contestants) {
      const Result<Trial> trial = run_trial(*stage, contestant.open, pps, config.duration);
      if (!trial) return fail(contestant.name, trial.error());
      runs.push_back({contestant.name, *trial});
      progress(fmt::format("round {} of {}: {} lost {} of {}", round + 1, config.rounds, contestant.name,
                           trial->offered - trial->delivered.datagrams, trial->offered));
    }
  }
  return runs;
}

std::string to_table(const ComparisonConfig& config, std::uint64_t pps, const std::vector<SteadyRun>& runs) {
  MarkdownTable table({"way", "offered", "delivered", "RX full", "fill empty", "socket", "overrun",
                       "veth full", "windows", "verdict"});
  for (const SteadyRun& run : runs) {
    const Delivered& d = run.trial.delivered;
    std::vector<std::string> row{run.name};
    for (const std::uint64_t count : {run.trial.offered, d.datagrams, d.rx_ring_full, d.fill_empty,
                                      d.socket_drop, d.overrun, run.trial.veth_full})
      row.push_back(std::to_string(count));
    row.push_back(fmt::format("{:.1f} %", run.trial.windows_met * 100));
    row.emplace_back(!run.valid()     ? "invalid: the sender missed its rate"
                     : run.lossless() ? "lossless"
                                      : "LOSS");
    table.add(std::move(row));
  }
  return fmt::format("{} frames a second\n{}\n\n{}\nwindows: of 10 ms, in which the sender met its rate.\n",
                     pps, conditions(config, {.medians = true}), table.text());
}

}  // namespace penstock
