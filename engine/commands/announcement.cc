// The words.
#include "engine/commands/announcement.h"

#include <cstdint>

#include <fmt/format.h>

#include "engine/metrics/counters.h"
#include "engine/metrics/losses.h"

namespace penstock {
namespace {

std::string of_tiles(std::uint32_t net_tiles) {
  return net_tiles == 1 ? "" : fmt::format(" by {} net threads", net_tiles);
}

}  // namespace

std::string receiving_line(const RunConfig& config, const RunningEngine& engine) {
  const OpenedReceiver& opened = engine.opened();
  const std::string through =
      opened.af_xdp == nullptr
          ? "sockets"
          : fmt::format("{} of {} queues{}, companion {}, frames in {}", opened.af_xdp->queues(),
                        engine.interface_queues(), of_tiles(opened.af_xdp->net_tiles()),
                        to_string(config.receiver.companion), to_string(opened.af_xdp->umem().pages()));
  return fmt::format("receiving on {}: {}, {}, {}, ports {}, wait {}; {}",
                     fmt::join(interfaces_of(config), " and "), to_string(opened.receiver->path()),
                     opened.receiver->mode(), through, fmt::join(engine.ports(), " "), to_string(config.wait),
                     opened.steps_down.empty() ? "as configured" : "less than configured, see above");
}

std::vector<std::string> start_remarks(const RunConfig& config, const RunningEngine& engine) {
  const OpenedReceiver& opened = engine.opened();
  std::vector<std::string> remarks;
  for (const std::string& step : opened.steps_down)
    remarks.push_back("stepped down from " + step);
  remarks.insert(remarks.end(), opened.notes.begin(), opened.notes.end());
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    if (config.receiver.companion == Companion::kExternal && opened.af_xdp != nullptr &&
        !opened.af_xdp->companion().held_elsewhere(static_cast<std::uint8_t>(i)))
      remarks.push_back(
          fmt::format("nobody holds port {}: what the fast path leaves is answered with port-unreachable",
                      config.ports[i]));
  }
  return remarks;
}

std::vector<std::string> last_words(const RunConfig& config, const RunningEngine& engine) {
  const CounterSnapshot total = engine.snapshot();
  std::vector<std::string> words = {fmt::format(
      "stopped after {} datagrams, {} of them by the slow way; {} lost", total.get(Counter::kSinkConsumed),
      total.sum(Counter::kSlowWayPublished), lost_frames(total))};
  if (engine.has_shred_stage()) {
    words.push_back(fmt::format("of {} shreds {} were accepted and {} discarded; {} FEC sets finished",
                                total.get(Counter::kShredConsumed), total.get(Counter::kShredAccepted),
                                total.sum(Counter::kShredDiscarded), total.get(Counter::kFecSetsFinished)));
  }
  if (const ContentRecorder* content = engine.content()) {
    words.push_back(fmt::format(
        "content digest {} of {} FEC sets, {} of them complete; {} of their shreds never came",
        content->digest().to_string(), content->sets(), content->complete_sets(), content->never_came()));
  }
  if (const LatencyHistogram latency = engine.latency(); latency.count() != 0) {
    words.push_back(fmt::format(
        "age of {} datagrams at the sink: p50 {} ns, p99 {} ns, p99.9 {} ns, at most {} ns", latency.count(),
        latency.percentile(0.5), latency.percentile(0.99), latency.percentile(0.999), latency.max()));
  }
  if (config.sink_digest) words.push_back("payload digest " + engine.digest().to_string());
  return words;
}

}  // namespace penstock
