// Making the two namespaces and the pair between them.
#include "sim/topology/veth.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/topology/iproute.h"

namespace penstock {
namespace {

// Different, so that the kernel's link watch sees a link to elsewhere: it then reports the carrier at
// once instead of up to a second later.
constexpr unsigned kSenderIndex = 101;
constexpr unsigned kReceiverIndex = 102;
constexpr unsigned kToSecond = 2;  // behind those: the ends of the second link

std::string alias_line(const VethConfig& config, const LinkEndConfig& own) {
  return fmt::format("link set dev {} alias penstock:{}", own.interface, config.run);
}

// An end of the second link: the same MAC.
LinkEndConfig second_of(const LinkEndConfig& end) {
  LinkEndConfig second = end;
  second.interface += "2";
  return second;
}

Status add_second_link(const VethConfig& config, const NetNamespace& sender, const NetNamespace& receiver) {
  const LinkEndConfig from = second_of(config.sender), to = second_of(config.receiver);
  const auto up = [](const LinkEndConfig& end) { return fmt::format("link set dev {} up", end.interface); };
  const std::vector<std::string> at_sender{
      veth_pair_line(config, {from, kSenderIndex + kToSecond}, {to, kReceiverIndex + kToSecond}, receiver),
      alias_line(config, from), up(from)};
  if (Status made = ip_batch(sender, at_sender); !made) return made;
  if (Status made = ip_batch(receiver, {alias_line(config, to), up(to)}); !made) return made;
  if (Status set = set_offloads(sender, from.interface, from.offloads); !set) return set;
  if (Status set = set_offloads(receiver, to.interface, to.offloads); !set) return set;
  if (Status right = check_end(config, from, sender); !right) return right;
  return check_end(config, to, receiver);
}

Status connect(const VethConfig& config, const NetNamespace& sender, const NetNamespace& receiver) {
  if (Status quiet = quieten(sender); !quiet) return quiet;
  if (Status quiet = quieten(receiver); !quiet) return quiet;

  std::vector<std::string> at_sender = address_lines(config, config.sender, config.receiver);
  at_sender.insert(at_sender.begin(), {veth_pair_line(config, {config.sender, kSenderIndex},
                                                      {config.receiver, kReceiverIndex}, receiver),
                                       alias_line(config, config.sender)});
  if (Status made = ip_batch(sender, at_sender); !made) return made;

  std::vector<std::string> at_receiver = address_lines(config, config.receiver, config.sender);
  at_receiver.insert(at_receiver.begin(), alias_line(config, config.receiver));
  at_receiver.push_back(default_route_line(config));
  if (Status made = ip_batch(receiver, at_receiver); !made) return made;

  if (Status set = set_offloads(sender, config.sender.interface, config.sender.offloads); !set) {
    return set;
  }
  return set_offloads(receiver, config.receiver.interface, config.receiver.offloads);
}

}  // namespace

std::string veth_pair_line(const LinkConfig& config, const VethEnd& here, const VethEnd& peer,
                           const NetNamespace& peer_ns) {
  const auto words = [&config](const VethEnd& end) {
    return fmt::format("name {} index {} address {} mtu {} numrxqueues {} numtxqueues {}", end.side.interface,
                       end.index, end.side.mac.to_string(), config.mtu, config.queues, config.queues);
  };
  return fmt::format("link add {} type veth peer {} netns {}", words(here), words(peer), peer_ns.path());
}

Result<VethTopology> VethTopology::create(const VethConfig& config) {
  const std::string what = "make the veth topology";
  Result<NetNamespace> sender = NetNamespace::create();
  if (!sender) return fail(what, sender.error());
  Result<NetNamespace> receiver = NetNamespace::create();
  if (!receiver) return fail(what, receiver.error());
  if (const Status connected = connect(config, *sender, *receiver); !connected) {
    return fail(what, connected.error());
  }
  for (const auto& [side, ns] :
       {std::pair(&config.sender, &*sender), std::pair(&config.receiver, &*receiver)}) {
    if (const Status right = check_end(config, *side, *ns); !right) return fail(what, right.error());
  }
  if (config.second) {
    if (const Status added = add_second_link(config, *sender, *receiver); !added)
      return fail(what + ": its second link", added.error());
  }
  const auto end = [&config](const LinkEndConfig& side, unsigned index, NetNamespace ns) {
    End made{std::move(ns), side.interface, index, side.mac, side.address};
    if (config.second) made.second = {second_of(side).interface, index + kToSecond};
    return made;
  };
  return VethTopology(end(config.sender, kSenderIndex, std::move(*sender)),
                      end(config.receiver, kReceiverIndex, std::move(*receiver)));
}

}  // namespace penstock
