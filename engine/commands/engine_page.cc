// Gathering the facts.
#include "engine/commands/engine_page.h"

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/metrics/engine_facts.h"
#include "engine/metrics/thread_times.h"
#include "engine/version/version.h"

namespace penstock {
namespace {

FactLabels config_of(const RunConfig& config, const EngineState& state) {
  return {{"interface", config.interface},
          {"companion", std::string(to_string(config.receiver.companion))},
          {"shred_stage", std::string(to_string(config.shreds.stage))},
          {"shred_version", std::to_string(config.shreds.version)},
          {"leaders", std::string(state.leaders)}};
}

// Of all its interfaces together; nothing when one does not say.
std::optional<DeviceCounters> device_counters_of(const RunConfig& config) {
  const Result<DeviceCounters> first = read_device_counters(config.interface);
  if (!first) return std::nullopt;
  DeviceCounters all = *first;
  for (const std::string& name : config.further_interfaces) {
    const Result<DeviceCounters> one = read_device_counters(name);
    if (!one) return std::nullopt;
    all += *one;
  }
  return all;
}

}  // namespace

std::string_view leaders_of(const ShredsSpec& shreds) {
  if (shreds.leader) return "key";
  return shreds.leader_file.empty() ? "none" : "file";
}

std::string why_not_ready(const RunConfig& config, const RunningEngine& engine, const EngineState& state) {
  if (!state.standing.empty()) return "stands still: " + state.standing;
  return engine.interface_is_down() ? config.interface + " is down" : "";
}

std::string engine_page(const RunConfig& config, const RunningEngine& engine, const EngineState& state) {
  const OpenedReceiver& opened = engine.opened();
  const std::uint32_t sockets = opened.af_xdp == nullptr ? 0 : opened.af_xdp->queues();
  const EngineFacts facts{.version = std::string(version()),
                          .process_id = static_cast<std::uint32_t>(getpid()),
                          .ready = why_not_ready(config, engine, state).empty(),
                          .config = config_of(config, state),
                          .receiver = {.path = std::string(to_string(opened.receiver->path())),
                                       .mode = opened.receiver->mode(),
                                       .steps_down = opened.steps_down,
                                       .better_way = state.better_way,
                                       .sockets = sockets,
                                       .queues = opened.af_xdp == nullptr ? std::vector<QueueLoad>()
                                                                          : opened.af_xdp->queue_loads()},
                          .interface_queues = engine.interface_queues(),
                          .interface_up = !engine.interface_is_down(),
                          .device = device_counters_of(config),
                          .thread_times_ms = thread_times_ms()};
  return prometheus_text(engine.snapshot(), engine.port_names()) + engine_facts_text(facts);
}

}  // namespace penstock
