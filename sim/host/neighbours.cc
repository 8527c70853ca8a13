// iproute2 and ping, direction by direction.
#include "sim/host/neighbours.h"

#include <array>
#include <string>

#include <fmt/format.h>

#include "sim/host/ping.h"
#include "sim/topology/iproute.h"
#include "sim/topology/subprocess.h"

namespace penstock {
namespace {

// `from` forgets `to`, asks for it anew, and must get its MAC.
Status resolve(const LinkedHosts::End& from, const LinkedHosts::End& to, const std::string& to_address) {
  const std::string what = fmt::format("{} finds {}", from.interface, to_address);
  // A deleted entry may linger as a failed one; a flush takes that too.
  const std::string one = fmt::format("neighbour flush to {} dev {}", to_address, from.interface);
  if (const Status forgot = ip_batch(from.ns, {one}); !forgot) return fail(what, forgot.error());
  const Result<PingResult> pinged = ping(from.ns, to_address, {.count = 1});
  if (!pinged) return fail(what, pinged.error());
  const Result<std::string> shown = check_program(
      {.arguments = {"ip", "neighbour", "show", "to", to_address, "dev", from.interface, "nud", "reachable"},
       .network_namespace = from.ns.fd()});
  if (!shown) return fail(what, shown.error());
  if (pinged->received != 1 || shown->find(to.mac.to_string()) == std::string::npos) {
    const Result<std::string> all =
        check_program({.arguments = {"ip", "neighbour"}, .network_namespace = from.ns.fd()});
    return fail(fmt::format("{}: ping got {} answers of 1, neighbours are: {}", what, pinged->received,
                            all.value_or("")));
  }
  return {};
}

}  // namespace

Status speak_ipv6(const LinkedHosts& topology) {
  const std::array ends{std::pair(&topology.sender(), kSenderIpv6),
                        std::pair(&topology.receiver(), kReceiverIpv6)};
  for (const auto& [end, address] : ends) {
    // There is no router, and asking for one would go on for seconds.
    Status quiet = end->ns.set_sysctl("ipv6/conf/" + end->interface + "/router_solicitations", "0");
    if (!quiet) return quiet;
    for (const std::string& which : {std::string("all"), std::string("default"), end->interface}) {
      if (Status set = end->ns.set_sysctl("ipv6/conf/" + which + "/disable_ipv6", "0"); !set) return set;
    }
    const std::string add = fmt::format("address add {}/64 dev {} nodad", address, end->interface);
    if (Status added = ip_batch(end->ns, {add}); !added) return added;
  }
  return {};
}

Status forget_neighbours(const LinkedHosts& topology) {
  for (const LinkedHosts::End* end : {&topology.sender(), &topology.receiver()}) {
    Status flushed = ip_batch(end->ns, {"neighbour flush dev " + end->interface + " nud all"});
    if (!flushed) return flushed;
  }
  return {};
}

Status check_neighbours(const LinkedHosts& topology) {
  const LinkedHosts::End& sender = topology.sender();
  const LinkedHosts::End& receiver = topology.receiver();
  if (Status s = resolve(receiver, sender, sender.address.to_string()); !s) return s;
  if (Status s = resolve(sender, receiver, receiver.address.to_string()); !s) return s;
  if (Status s = resolve(receiver, sender, kSenderIpv6); !s) return s;
  return resolve(sender, receiver, kReceiverIpv6);
}

}  // namespace penstock
