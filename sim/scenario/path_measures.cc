// What a path's result says beside what is judged.
#include "sim/scenario/path_measures.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "sim/machine/cpu_cost.h"
#include "sim/machine/pauses.h"
#include "sim/replay/schedule.h"
#include "sim/scenario/loss_excuse.h"

namespace penstock {
namespace {

// The machine's own pauses are looked for with nothing to receive, for as long as the workload took, but no
// longer than this.
constexpr Nanoseconds kMostPauses = kSecond;

void note_latency(const PathRunConfig& config, const ReplayReport& sent, const LatencyHistogram& ages,
                  PathResult& result) {
  if (!config.turn.stamped) {
    result.not_measured["latency_ns"] = result.not_measured["stalls_ns"] = "not asked for";
    return;
  }
  LatencyHistogram pauses;
  watch_pauses(std::nullopt, std::clamp(sent.elapsed, kMillisecond, kMostPauses), pauses);
  result.stalls = distribution_of(pauses);
  if (ages.count() != 0) {
    result.latency = distribution_of(ages);
  } else {
    result.not_measured["latency_ns"] = "no stamped datagram came";
  }
}

// A sender that waits for the next frame without sleeping: what the receive side takes of its core is then
// taken from that waiting, and no difference to the sender alone shows it. Live frames always wait so.
bool spins(const PathRunConfig& config) {
  return config.pace != Pace::kFlatOut && (config.sender == SenderKind::kLiveFrames || !config.napping);
}

void note_cost(const PathRunConfig& config, const CpuUse& use, PathResult& result) {
  std::string& why_not = result.not_measured["ns_per_packet"];
  if (!config.alone) {
    why_not = "not asked for";
  } else if (config.alone->missed_rate) {
    why_not = "sender was late";
  } else if (spins(config)) {
    why_not = "sender spins";
  } else {
    CpuCost cost = cost_a_packet(use, config.alone->use, result.offered);
    result.ns_per_packet = cost.nanoseconds;
    if (cost.nanoseconds) result.ns_per_packet_deviation = cost.deviation;
    why_not = std::move(cost.why_not);
  }
  if (why_not.empty()) result.not_measured.erase("ns_per_packet");
}

// Those that ended before the first frame or began after the last are nothing to it.
std::vector<CpuWait> while_sending(std::vector<CpuWait> waits, const ReplayReport& sent) {
  if (sent.started == 0) return waits;
  std::erase_if(waits, [&sent](const CpuWait& wait) {
    return wait.until < sent.started || wait.since > sent.started + sent.elapsed + sent.lateness_max;
  });
  return waits;
}

void note_waits(const PathRunConfig& config, const Workload& workload, const TurnFacts& facts, PathRun& run) {
  std::vector<CpuWait> waits = while_sending(facts.waits, facts.sent);
  CpuWaitTimes& times = run.result.cpu_wait.emplace();
  for (const CpuWait& wait : waits) {
    times.longest = std::max(times.longest, static_cast<std::uint64_t>(wait.waited));
    times.total += static_cast<std::uint64_t>(wait.waited);
  }
  const std::uint64_t lost = lost_by_full_ring(run.result);
  if (config.pace == Pace::kFlatOut || lost != engine_loss(run.result)) return;
  run.excuse = excuse_of({.lost = lost,
                          .ring = config.turn.receiver.rx_entries,
                          .waits = std::move(waits),
                          .stolen = facts.use.stolen,
                          .sender_lateness = facts.sent.lateness_max},
                         Schedule(workload.frames(), config.pace, config.pps), workload.frames().size());
}

}  // namespace

void note_measures(const PathRunConfig& config, const Workload& workload, const TurnFacts& facts,
                   PathRun& run) {
  note_waits(config, workload, facts, run);
  note_cost(config, facts.use, run.result);
  note_latency(config, facts.sent, facts.ages, run.result);
}

}  // namespace penstock
