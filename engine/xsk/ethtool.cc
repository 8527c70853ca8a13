// A socket for one ioctl.
#include "engine/xsk/ethtool.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "engine/base/unique_fd.h"

namespace penstock {

int ethtool(const std::string& interface, void* request) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return socket ? ethtool_by(socket.get(), interface, request) : errno;
}

int ethtool_by(int socket, const std::string& interface, void* request) {
  ifreq ifr{};
  std::strncpy(ifr.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  ifr.ifr_data = static_cast<char*>(request);
  return ioctl(socket, SIOCETHTOOL, &ifr) == 0 ? 0 : errno;
}

EthtoolCall ethtool_call(std::string interface) {
  return [interface = std::move(interface)](void* request, const std::string& name) -> Status {
    const int error = ethtool(interface, request);
    return error == 0 ? Status() : fail("ethtool " + name + " " + interface, error);
  };
}

}  // namespace penstock
