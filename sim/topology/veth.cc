// Making the two namespaces and the pair between them.
#include "sim/topology/veth.h"

#include <errno.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/topology/iproute.h"
#include "sim/topology/link.h"

namespace penstock {
namespace {

// Different, so that the kernel's link watch sees a link to elsewhere: it then reports the carrier at
// once instead of up to a second later.
constexpr unsigned kSenderIndex = 101;
constexpr unsigned kReceiverIndex = 102;

// Before any interface exists: what it would inherit, and what would make it speak by itself.
Status quieten(const NetNamespace& ns) {
  const auto without_ipv6 =
      run_in(ns, []() -> Result<bool> { return access("/proc/sys/net/ipv6", F_OK) != 0; });
  if (!without_ipv6) return tl::unexpected(without_ipv6.error());
  for (const std::string which : {"all", "default"}) {
    if (!*without_ipv6) {
      if (Status set = ns.set_sysctl("ipv6/conf/" + which + "/disable_ipv6", "1"); !set) return set;
    }
    if (Status set = ns.set_sysctl("ipv4/conf/" + which + "/rp_filter", "0"); !set) return set;
  }
  return {};
}

// Both ends in one step: the peer never exists in the sender's namespace.
std::string add_pair(const VethConfig& config, const NetNamespace& receiver) {
  const auto end = [&config](const VethEndConfig& side, unsigned index) {
    return fmt::format("name {} index {} address {} mtu {} numrxqueues {} numtxqueues {}", side.interface,
                       index, side.mac.to_string(), config.mtu, config.queues, config.queues);
  };
  return fmt::format("link add {} type veth peer {} netns {}", end(config.sender, kSenderIndex),
                     end(config.receiver, kReceiverIndex), receiver.path());
}

std::vector<std::string> configure_end(const VethConfig& config, const VethEndConfig& own,
                                       const VethEndConfig& peer) {
  return {
      fmt::format("link set dev {} alias penstock:{}", own.interface, config.run),
      fmt::format("address add {}/{} dev {}", own.address.to_string(), config.prefix_length, own.interface),
      fmt::format("link set dev {} up", own.interface),
      fmt::format("neighbour replace {} lladdr {} dev {} nud permanent", peer.address.to_string(),
                  peer.mac.to_string(), own.interface),
  };
}

// What the kernel made of it against what was asked.
Result<VethTopology::End> finish_end(const VethConfig& config, const VethEndConfig& side, unsigned index,
                                     NetNamespace ns) {
  if (const Status ready = wait_until_ready(ns, side.interface, config.carrier_timeout); !ready) {
    return tl::unexpected(ready.error());
  }
  const Result<LinkReader> reader = LinkReader::open(ns);
  if (!reader) return tl::unexpected(reader.error());
  const Result<LinkState> link = reader->read(side.interface);
  if (!link) return tl::unexpected(link.error());
  if (link->index != index || link->mac != side.mac || link->mtu != config.mtu ||
      link->rx_queues != config.queues || link->tx_queues != config.queues) {
    return fail(fmt::format("{} reads back as index {}, MAC {}, MTU {}, {} RX and {} TX queues",
                            side.interface, link->index, link->mac.to_string(), link->mtu, link->rx_queues,
                            link->tx_queues));
  }
  return VethTopology::End{std::move(ns), side.interface, index, side.mac, side.address};
}

Status connect(const VethConfig& config, const NetNamespace& sender, const NetNamespace& receiver) {
  if (Status quiet = quieten(sender); !quiet) return quiet;
  if (Status quiet = quieten(receiver); !quiet) return quiet;

  std::vector<std::string> at_sender{add_pair(config, receiver)};
  for (std::string& line : configure_end(config, config.sender, config.receiver)) {
    at_sender.push_back(std::move(line));
  }
  if (Status made = ip_batch(sender, at_sender); !made) return made;

  std::vector<std::string> at_receiver = configure_end(config, config.receiver, config.sender);
  at_receiver.push_back(fmt::format("route add default via {} dev {}", config.sender.address.to_string(),
                                    config.receiver.interface));
  if (Status made = ip_batch(receiver, at_receiver); !made) return made;

  if (Status set = set_offloads(sender, config.sender.interface, config.sender.offloads); !set) {
    return set;
  }
  return set_offloads(receiver, config.receiver.interface, config.receiver.offloads);
}

}  // namespace

Result<VethTopology> VethTopology::create(const VethConfig& config) {
  const std::string what = "make the veth topology";
  Result<NetNamespace> sender = NetNamespace::create();
  if (!sender) return fail(what, sender.error());
  Result<NetNamespace> receiver = NetNamespace::create();
  if (!receiver) return fail(what, receiver.error());
  if (const Status connected = connect(config, *sender, *receiver); !connected) {
    return fail(what, connected.error());
  }
  Result<End> sending = finish_end(config, config.sender, kSenderIndex, std::move(*sender));
  if (!sending) return fail(what, sending.error());
  Result<End> receiving = finish_end(config, config.receiver, kReceiverIndex, std::move(*receiver));
  if (!receiving) return fail(what, receiving.error());
  return VethTopology(std::move(*sending), std::move(*receiving));
}

}  // namespace penstock
