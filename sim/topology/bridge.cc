// Three namespaces, two pairs, a bridge.
#include "sim/topology/bridge.h"

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/topology/iproute.h"
#include "sim/topology/link.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

constexpr unsigned kSenderIndex = 101;
constexpr unsigned kReceiverIndex = 102;
constexpr unsigned kToSenderIndex = 103;
constexpr unsigned kToReceiverIndex = 104;

constexpr char kBridge[] = "bridge0";

// Locally administered, and no host's.
LinkEndConfig port(const char* name, std::uint8_t number) {
  return {.interface = name, .mac = {{2, 0, 0, 0, 1, number}}};
}

// Where br_netfilter is there, frames go through the host's packet filter, which takes padding off
// (br_validate_ipv4 of net/bridge/br_netfilter_hooks.c).
Status bypass_packet_filter(const NetNamespace& middle) {
  const auto there =
      run_in(middle, []() -> Result<bool> { return access("/proc/sys/net/bridge", F_OK) == 0; });
  if (!there) return tl::unexpected(there.error());
  if (!*there) return {};
  for (const char* of : {"iptables", "ip6tables", "arptables"}) {
    if (Status s = middle.set_sysctl(fmt::format("bridge/bridge-nf-call-{}", of), "0"); !s) return s;
  }
  return {};
}

Status make_bridge(const LinkConfig& config, const NetNamespace& middle, const LinkedHosts::Bridge& bridge) {
  if (Status s = bypass_packet_filter(middle); !s) return s;
  std::vector<std::string> lines{
      fmt::format("link add name {} mtu {} type bridge stp_state 0 mcast_snooping 0", kBridge, config.mtu)};
  for (const std::string& name : {bridge.to_sender, bridge.to_receiver})
    lines.push_back(fmt::format("link set dev {} master {} up", name, kBridge));
  lines.push_back(fmt::format("link set dev {} up", kBridge));
  if (Status made = ip_batch(middle, lines); !made) return made;
  if (Status s = set_offloads(middle, bridge.to_sender, {}); !s) return s;
  return set_offloads(middle, bridge.to_receiver, {});
}

// Both hosts' ends up: then a port that is ready forwards.
Status wait_for_bridge(const LinkConfig& config, const LinkedHosts::Bridge& bridge) {
  for (const std::string& name : {bridge.to_sender, bridge.to_receiver, std::string(kBridge)}) {
    if (Status s = wait_until_ready(bridge.ns, name, config.carrier_timeout); !s) return s;
  }
  return {};
}

Status connect(const LinkConfig& config, const NetNamespace& sender, const NetNamespace& receiver,
               const LinkedHosts::Bridge& bridge) {
  for (const NetNamespace* ns : {&sender, &receiver, &bridge.ns}) {
    if (Status quiet = quieten(*ns); !quiet) return quiet;
  }
  std::vector<std::string> at_sender = address_lines(config, config.sender, config.receiver);
  at_sender.insert(at_sender.begin(), veth_pair_line(config, {config.sender, kSenderIndex},
                                                     {port("to-sender", 3), kToSenderIndex}, bridge.ns));
  if (Status made = ip_batch(sender, at_sender); !made) return made;
  std::vector<std::string> at_receiver = address_lines(config, config.receiver, config.sender);
  at_receiver.insert(at_receiver.begin(),
                     veth_pair_line(config, {config.receiver, kReceiverIndex},
                                    {port("to-receiver", 4), kToReceiverIndex}, bridge.ns));
  at_receiver.push_back(default_route_line(config));
  if (Status made = ip_batch(receiver, at_receiver); !made) return made;
  if (Status s = set_offloads(sender, config.sender.interface, config.sender.offloads); !s) return s;
  if (Status s = set_offloads(receiver, config.receiver.interface, config.receiver.offloads); !s) return s;
  if (Status made = make_bridge(config, bridge.ns, bridge); !made) return made;
  if (Status right = check_end(config, config.sender, sender); !right) return right;
  if (Status right = check_end(config, config.receiver, receiver); !right) return right;
  return wait_for_bridge(config, bridge);
}

}  // namespace

Result<LinkedHosts> make_bridged_hosts(const LinkConfig& config) {
  const std::string what = "make the veth topology with a bridge";
  Result<NetNamespace> sender = NetNamespace::create(), receiver = NetNamespace::create(),
                       middle = NetNamespace::create();
  for (const Result<NetNamespace>* ns : {&sender, &receiver, &middle}) {
    if (!*ns) return fail(what, ns->error());
  }
  LinkedHosts::Bridge bridge{std::move(*middle), "to-sender", "to-receiver"};
  if (Status connected = connect(config, *sender, *receiver, bridge); !connected)
    return fail(what, connected.error());
  const auto end = [](const LinkEndConfig& side, unsigned index, NetNamespace ns) {
    return LinkedHosts::End{std::move(ns), side.interface, index, side.mac, side.address};
  };
  return LinkedHosts(end(config.sender, kSenderIndex, std::move(*sender)),
                     end(config.receiver, kReceiverIndex, std::move(*receiver)), std::move(bridge));
}

}  // namespace penstock
