// Demands against the ring, against veth, against a lab, against sockets.
#include "sim/scenario/demands_met.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "engine/xsk/umem.h"
#include "sim/lab/nic_lab.h"
#include "sim/scenario/from_afar.h"

namespace penstock {
namespace {

struct Lack {
  Topology topology;
  bool Demand::*demand;
  std::string_view key;
  std::string_view what;
};

constexpr Lack kLacks[] = {
    {Topology::kRing, &Demand::second_interface, "second_interface", "a second interface: it has one NIC"},
    {Topology::kRing, &Demand::bridge, "bridge", "a bridge: it has one link"},
    {Topology::kRing, &Demand::decoupled, "napi", "decoupled NAPI: it has one thread for everything"},
    {Topology::kRing, &Demand::native_xdp, "native_xdp", "native XDP: it has no driver"},
    {Topology::kRing, &Demand::zero_copy, "zero_copy", "zero-copy AF_XDP: it copies"},
    {Topology::kRing, &Demand::ipv6, "ipv6", "IPv6: it has no host stack"},
    {Topology::kRing, &Demand::dynamic_neighbours, "neighbours", "dynamic neighbours: it has no host stack"},
    {Topology::kVeth, &Demand::zero_copy, "zero_copy", "zero-copy AF_XDP: a veth copies"},
    {Topology::kNic, &Demand::bridge, "bridge", "a bridge: what is between a lab's ports stands in no file"},
    {Topology::kNic, &Demand::second_interface, "second_interface",
     "a second interface: a lab has one port at each end"},
    {Topology::kNic, &Demand::decoupled, "napi",
     "decoupled NAPI: a port's runs where the lab file sends its interrupts"},
};

// Behind "FILE:LINE:COLUMN: " of the key, as far as that is known.
tl::unexpected<Error> at_its_place(const Demand& demand, std::string_view key, const Error& error) {
  const auto place = demand.places.find(key);
  return place != demand.places.end() ? fail(place->second, error) : tl::unexpected(error);
}

std::optional<UnmetDemand> unmet_by_this_machine(const Demand& demand) {
  const std::uint64_t free = free_huge_pages();
  if (free >= demand.huge_pages) return std::nullopt;
  return UnmetDemand{
      "huge_pages",
      fmt::format("{} huge pages of 2 MiB; {} are free (`sysctl vm.nr_hugepages`)", demand.huge_pages, free)};
}

// What demands are at odds with each other, or with who sends.
std::optional<UnmetDemand> unmet_together(const RunPlan& plan) {
  const Demand& demand = plan.demand;
  if (demand.native_xdp && plan.receiver.attach == AttachMode::kGeneric)
    return UnmetDemand{"native_xdp", "native XDP beside `attach = \"generic\"`"};
  if (demand.bridge && needs_napi(plan.sender))
    return UnmetDemand{"bridge", fmt::format("{} through a bridge, whose port takes no redirected frames",
                                             name_of(plan.sender))};
  if (demand.second_interface && plan.sender != SenderKind::kAfPacket)
    return UnmetDemand{"second_interface",
                       fmt::format("{} over two interfaces: it has one", name_of(plan.sender))};
  if (demand.second_interface && demand.bridge)
    return UnmetDemand{"second_interface", "a second interface behind a bridge: it would be a loop"};
  return std::nullopt;
}

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

std::optional<UnmetDemand> unmet_demand(const RunPlan& plan) {
  for (const Lack& lack : kLacks) {
    if (lack.topology == plan.topology && plan.demand.*lack.demand)
      return UnmetDemand{lack.key, std::string(lack.what)};
  }
  if (plan.topology == Topology::kRing && plan.demand.huge_pages != 0)
    return UnmetDemand{"huge_pages", "huge pages: its frames lie in ordinary memory"};
  if (auto unmet = unmet_together(plan)) return unmet;
  return unmet_by_this_machine(plan.demand);
}

tl::unexpected<Error> refuse(const RunPlan& plan, const UnmetDemand& unmet) {
  const auto lack = fail(fmt::format("the topology {} does not offer what the scenario demands: {}",
                                     to_string(plan.topology), unmet.what));
  return at_its_place(plan.demand, unmet.key, lack.value());
}

Status check_demands(const RunPlan& plan) {
  for (const Path path : plan.paths) {
    if (std::string unmet = unmet_by_sockets(plan, path); !unmet.empty())
      return refuse(plan, {{}, std::move(unmet)});
  }
  if (const auto unmet = unmet_demand(plan)) return refuse(plan, *unmet);
  if (plan.lab == nullptr) return {};
  if (plan.lab->remote()) {
    if (std::string unmet = unmet_from_afar(plan); !unmet.empty())
      return refuse(plan, {{}, std::move(unmet)});
  }
  const bool af_xdp = std::any_of(plan.paths.begin(), plan.paths.end(), is_af_xdp);
  const bool native = af_xdp && plan.receiver.attach == AttachMode::kNative;
  // One by one, each with its place.
  const std::pair<std::string_view, NicDemand> demands[] = {
      {"queues", {.queues = plan.demand.queues}},
      {"native_xdp", {.native_xdp = plan.demand.native_xdp || native}},
      {"zero_copy", {.zero_copy = plan.demand.zero_copy}}};
  for (const auto& [key, demand] : demands) {
    const Status met = plan.lab->meets(demand);
    if (met) continue;
    return at_its_place(plan.demand, key, met.error());
  }
  return {};
}

}  // namespace penstock
