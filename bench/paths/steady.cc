// One rate, every cause of loss.
#include "bench/paths/steady.h"

#include <fmt/format.h>

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
  std::string text = fmt::format(
      "{}, one queue, frames of {} bytes at {} a second for {:.1f} s; RX ring {}\n\n"
      "{:<24} {:>12} {:>12} {:>8} {:>10} {:>8} {:>8} {:>9} {:>9}  {}\n",
      place_of(config.stage), config.stage.traffic.frame_bytes, pps,
      static_cast<double>(config.duration) / kSecond, config.subject.rx_entries, "way", "offered",
      "delivered", "RX full", "fill empty", "socket", "overrun", "veth full", "windows", "");
  for (const SteadyRun& run : runs) {
    const Delivered& d = run.trial.delivered;
    text += fmt::format("{:<24} {:>12} {:>12} {:>8} {:>10} {:>8} {:>8} {:>9} {:>7.1f} %  {}\n", run.name,
                        run.trial.offered, d.datagrams, d.rx_ring_full, d.fill_empty, d.socket_drop,
                        d.overrun, run.trial.veth_full, run.trial.windows_met * 100,
                        !run.valid()     ? "invalid: the sender missed its rate"
                        : run.lossless() ? "lossless"
                                         : "LOSS");
  }
  return text + "\nwindows: of 10 ms, in which the sender met its rate.\n";
}

}  // namespace penstock
