// A link and its second MAC.
#include "sim/scenario/two_hosts.h"

#include <utility>

#include "sim/host/neighbours.h"
#include "sim/lab/nic_lab.h"
#include "sim/topology/bridge.h"
#include "sim/topology/napi_thread.h"
#include "sim/topology/offloads.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

constexpr MacAddress kOfASpeakingSender{{2, 0, 0, 0, 0, 0x11}};

// Least, default, most. The sending side's, since the receiving side counts a whole page for each frame.
constexpr char kSendBuffers[] = "4096\t16384\t131072";

Result<LinkedHosts> make_link(const TwoHostsConfig& config, const LinkConfig& link) {
  if (config.lab != nullptr) return config.lab->connect(link);
  if (config.demand.bridge) return make_bridged_hosts(link);
  Result<VethTopology> pair = VethTopology::create(link);
  if (!pair) return tl::unexpected(pair.error());
  return LinkedHosts(std::move(*pair));
}

// There is NAPI so far by GRO, which would merge the host's TCP segments: where XDP brings NAPI it goes.
Status decouple(const LinkedHosts::End& receiver, bool keep_gro) {
  for (const LinkedHosts::Device& device : receiver.devices()) {
    if (Status s = give_napi_a_thread(receiver.ns, device.interface); !s) return s;
    if (keep_gro) continue;
    if (Status s = set_offloads(receiver.ns, device.interface, {}); !s) return s;
  }
  return {};
}

}  // namespace

Result<LinkedHosts> make_two_hosts(const TwoHostsConfig& config) {
  LinkConfig link{
      .queues = config.demand.queues, .mtu = config.demand.mtu, .second = config.demand.second_interface};
  link.receiver.offloads.gro = config.gro || config.demand.decoupled;
  if (config.speak()) link.sender.mac = kOfASpeakingSender;
  if (config.remote) link.sender.mac = *config.remote;
  Result<LinkedHosts> topology = make_link(config, link);
  if (!topology) return topology;
  if (config.demand.decoupled) {
    if (Status s = decouple(topology->receiver(), config.gro); !s) return tl::unexpected(s.error());
  }
  if (!config.traffic.any()) return topology;
  for (const LinkedHosts::End* end : {&topology->sender(), &topology->receiver()}) {
    if (Status s = end->ns.set_sysctl("ipv4/tcp_wmem", kSendBuffers); !s) return tl::unexpected(s.error());
    if (Status s = end->ns.set_sysctl("ipv4/tcp_early_retrans", "0"); !s) return tl::unexpected(s.error());
  }
  return topology;
}

Status let_speak(const LinkedHosts& topology, const TwoHostsConfig& config) {
  if (config.demand.ipv6) {
    if (Status s = speak_ipv6(topology); !s) return s;
  }
  if (!config.demand.dynamic_neighbours) return {};
  return forget_neighbours(topology);
}

std::string tap_filter(const LinkedHosts::End& end, const TwoHostsConfig& config) {
  return config.speak() || config.remote ? "not ether src " + end.mac.to_string() : "";
}

}  // namespace penstock
