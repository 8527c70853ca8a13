// All checks, and what follows from them.
#include "engine/doctor/doctor.h"

#include <algorithm>
#include <optional>

#include "engine/config/receiver_plan.h"
#include "engine/configure/host_wishes.h"
#include "engine/doctor/bypass_checks.h"
#include "engine/doctor/capture_checks.h"
#include "engine/doctor/clock_checks.h"
#include "engine/doctor/engine_checks.h"
#include "engine/doctor/host_checks.h"
#include "engine/doctor/interface_checks.h"
#include "engine/doctor/nic_checks.h"
#include "engine/doctor/placement_checks.h"
#include "engine/doctor/prediction.h"
#include "engine/doctor/process_checks.h"
#include "engine/xsk/ethtool.h"

namespace penstock {
namespace {

// One interface, and what surrounds it.
InterfaceState look_at(const RunConfig& config, Findings& findings) {
  const InterfaceState state = check_interface(config, findings);
  if (!state.there) return state;
  const EthtoolCall ethtool = ethtool_call(config.interface);
  check_offloads(config.interface, "/sys", ethtool, findings);
  const bool by_af_xdp = !config.path || is_af_xdp(*config.path);
  if (by_af_xdp) {
    check_steering(config.interface, state.queues, sockets_on(config.receiver, state.queues), config.ports,
                   ethtool, findings);
    check_bypassed(config.interface, "/proc", findings);
  }
  check_placement(config, "/", findings);
  return state;
}

// Host and interface, in this order among the findings. `running`: the engine that runs with this file.
Prediction look(const RunConfig& config, const std::optional<EngineSample>& running,
                std::optional<std::uint16_t> held_port, Findings& findings) {
  Findings of_interface;
  InterfaceState interface = look_at(config, of_interface);
  for (const std::string& name : config.further_interfaces) {
    Findings of_further;
    interface.lessen(look_at(alone(config, name), of_further));
    for (Finding& finding : of_further) {
      finding.what = name + " " + finding.what;
      of_interface.push_back(std::move(finding));
    }
  }
  if (running) forgive_what_it_holds(*running, interface);
  const ReceiverPlan plan = receiver_plan(config, std::max(1u, interface.queues));
  const std::uint64_t umem_bytes = std::uint64_t{plan.af_xdp.frames()} * plan.af_xdp.frame_bytes;
  const HostState host = check_host(umem_bytes, config.receiver.huge_pages, findings);
  check_binary(installed_binary(), findings);
  check_clock(clock_state(), findings);
  findings.insert(findings.end(), of_interface.begin(), of_interface.end());
  if (interface.there) {
    const HostAccess access;
    const Findings of_settings = check_wishes(host_wishes(config, access), access);
    findings.insert(findings.end(), of_settings.begin(), of_settings.end());
  }
  return predict(plan, host, interface, held_port);
}

}  // namespace

Diagnosis diagnose(const RunConfig& config) {
  Diagnosis diagnosis;
  Findings of_engine;
  const std::optional<EngineSample> running = check_engine(config, of_engine);
  if (running) check_engine_process(*running, "/proc", of_engine);
  Findings of_ports;
  std::optional<std::uint16_t> held_port = check_ports(config, of_ports);
  if (running && held_port && holds_port(*running, *held_port)) held_port.reset();
  check_capture(config.capture, of_ports);
  const Prediction prediction = look(config, running, held_port, diagnosis.findings);
  diagnosis.findings.insert(diagnosis.findings.end(), of_ports.begin(), of_ports.end());
  if (running) forgive_what_it_holds(*running, diagnosis.findings);
  diagnosis.findings.insert(diagnosis.findings.end(), of_engine.begin(), of_engine.end());
  diagnosis.prediction = to_string(prediction);
  // What keeps AF_XDP away is no failure where the configuration is content with sockets.
  if (prediction.way && !is_af_xdp(prediction.way->path)) {
    for (Finding& finding : diagnosis.findings) {
      if (finding.needed == Needed::kByAfXdp) finding.level = std::min(finding.level, Level::kWarn);
    }
  }
  return diagnosis;
}

// The ports are held by whoever asks.
std::optional<WayToReceive> way_after_restart(const RunConfig& config) {
  Findings unread;
  return look(config, std::nullopt, std::nullopt, unread).way;
}

}  // namespace penstock
