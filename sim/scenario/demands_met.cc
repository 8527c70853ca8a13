// Demands against veth, against a lab, against sockets.
#include "sim/scenario/demands_met.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sim/lab/nic_lab.h"
#include "sim/scenario/from_afar.h"

namespace penstock {
namespace {

// What the plan asks for and a path through the host's stack has not.
std::string unmet_by_sockets(const RunPlan& plan, Path path) {
  if (is_af_xdp(path)) return {};
  const std::string_view name = to_string(path);
  if (plan.sender != SenderKind::kAfPacket)
    return fmt::format("redirected frames into {}: without an XDP program a veth does not take them", name);
  if (plan.receiver.companion == Companion::kExternal)
    return fmt::format("an external companion beside {}: it holds the ports itself", name);
  if (!plan.steps.empty()) return fmt::format("a timeline of steps over {}", name);
  if (plan.host.any())
    return fmt::format("the hosts' own traffic beside {}: no account knows it there", name);
  return {};
}

}  // namespace

Status check_demands(const RunPlan& plan) {
  const auto lacks = [&plan](const std::string& what) {
    return fail(fmt::format("the topology {} does not offer what the scenario demands: {}",
                            to_string(plan.topology), what));
  };
  for (const Path path : plan.paths) {
    if (const std::string unmet = unmet_by_sockets(plan, path); !unmet.empty()) return lacks(unmet);
  }
  if (plan.demand.bridge && needs_napi(plan.sender))
    return lacks(
        fmt::format("{} through a bridge, whose port takes no redirected frames", name_of(plan.sender)));
  if (plan.demand.second_interface && plan.sender != SenderKind::kAfPacket)
    return lacks(fmt::format("{} over two interfaces: it has one", name_of(plan.sender)));
  if (plan.demand.second_interface && plan.demand.bridge)
    return lacks("a second interface behind a bridge: it would be a loop");
  if (plan.lab == nullptr) return plan.demand.zero_copy ? lacks("zero-copy AF_XDP: a veth copies") : Status{};
  if (plan.lab->remote()) {
    if (const std::string unmet = unmet_from_afar(plan); !unmet.empty()) return lacks(unmet);
  }
  if (plan.demand.bridge) return lacks("a bridge: what is between a lab's ports stands in no file");
  if (plan.demand.second_interface) return lacks("a second interface: a lab has one port at each end");
  if (plan.demand.decoupled)
    return lacks("decoupled NAPI: a port's runs where the lab file sends its interrupts");
  const bool af_xdp = std::any_of(plan.paths.begin(), plan.paths.end(), is_af_xdp);
  return plan.lab->meets({.queues = plan.demand.queues,
                          .native_xdp = af_xdp && plan.receiver.attach == AttachMode::kNative,
                          .zero_copy = plan.demand.zero_copy});
}

}  // namespace penstock
