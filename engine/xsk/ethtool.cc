// A socket for one ioctl.
#include "engine/xsk/ethtool.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "engine/base/unique_fd.h"

namespace penstock {

int ethtool(const std::string& interface, void* request) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return errno;
  ifreq ifr{};
  std::strncpy(ifr.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  ifr.ifr_data = static_cast<char*>(request);
  return ioctl(socket.get(), SIOCETHTOOL, &ifr) == 0 ? 0 : errno;
}

}  // namespace penstock
