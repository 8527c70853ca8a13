// A socket of the namespace.
#include "sim/topology/ethtool.h"

#include <errno.h>
#include <net/if.h>
#include <sys/socket.h>

namespace penstock {

Result<Ethtool> Ethtool::open(const NetNamespace& ns, std::string interface) {
  if (interface.size() >= IFNAMSIZ) return fail("ethtool " + interface, ENAMETOOLONG);
  Result<UniqueFd> socket = ns.socket(AF_INET, SOCK_DGRAM, 0);
  if (!socket) return fail("ethtool " + interface, socket.error());
  return Ethtool(std::move(*socket), std::move(interface));
}

Status Ethtool::call(void* request, const std::string& name) const {
  const int error = ethtool_by(socket_.get(), interface_, request);
  return error == 0 ? Status() : fail("ethtool " + name + " " + interface_, error);
}

}  // namespace penstock
