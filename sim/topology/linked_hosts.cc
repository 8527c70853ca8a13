// What both ends of any link are given.
#include "sim/topology/linked_hosts.h"

#include <errno.h>
#include <unistd.h>

#include <fmt/format.h>

#include "engine/xsk/queue_count.h"
#include "sim/topology/link.h"

namespace penstock {

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

std::vector<std::string> address_lines(const LinkConfig& config, const LinkEndConfig& own,
                                       const LinkEndConfig& peer) {
  return {
      fmt::format("address add {}/{} dev {}", own.address.to_string(), config.prefix_length, own.interface),
      fmt::format("link set dev {} up", own.interface),
      fmt::format("neighbour replace {} lladdr {} dev {} nud permanent", peer.address.to_string(),
                  peer.mac.to_string(), own.interface),
  };
}

std::string default_route_line(const LinkConfig& config) {
  return fmt::format("route add default via {} dev {}", config.sender.address.to_string(),
                     config.receiver.interface);
}

Status check_end(const LinkConfig& config, const LinkEndConfig& side, const NetNamespace& ns) {
  if (Status ready = wait_until_ready(ns, side.interface, config.carrier_timeout); !ready) return ready;
  const Result<LinkReader> reader = LinkReader::open(ns);
  if (!reader) return tl::unexpected(reader.error());
  const Result<LinkState> link = reader->read(side.interface);
  if (!link) return tl::unexpected(link.error());
  const Result<std::uint32_t> queues = run_in(ns, [&] { return count_rx_queues(side.interface); });
  if (!queues) return tl::unexpected(queues.error());
  if (link->mac != side.mac || link->mtu != config.mtu || *queues != config.queues) {
    return fail(fmt::format("{} reads back as MAC {}, MTU {}, {} RX queues", side.interface,
                            link->mac.to_string(), link->mtu, *queues));
  }
  return {};
}

}  // namespace penstock
