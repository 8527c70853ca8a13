// The ethtool ioctl, SIOCETHTOOL.
#include "sim/topology/ethtool.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace penstock {

Result<Ethtool> Ethtool::open(const NetNamespace& ns, std::string interface) {
  if (interface.size() >= IFNAMSIZ) return fail("ethtool " + interface, ENAMETOOLONG);
  Result<UniqueFd> socket = ns.socket(AF_INET, SOCK_DGRAM, 0);
  if (!socket) return fail("ethtool " + interface, socket.error());
  return Ethtool(std::move(*socket), std::move(interface));
}

Status Ethtool::call(void* request, const std::string& name) const {
  ifreq ifr{};
  interface_.copy(ifr.ifr_name, sizeof(ifr.ifr_name) - 1);
  ifr.ifr_data = static_cast<char*>(request);
  if (ioctl(socket_.get(), SIOCETHTOOL, &ifr) < 0) return fail("ethtool " + name + " " + interface_, errno);
  return {};
}

}  // namespace penstock
