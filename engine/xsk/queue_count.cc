// Asking the driver by ETHTOOL_GCHANNELS.
#include "engine/xsk/queue_count.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "engine/base/unique_fd.h"

namespace penstock {

Result<std::uint32_t> count_rx_queues(const std::string& interface) {
  const std::string what = "count the RX queues of " + interface;
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail(what, errno);
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  ifreq request{};
  std::strncpy(request.ifr_name, interface.c_str(), IFNAMSIZ - 1);
  request.ifr_data = reinterpret_cast<char*>(&channels);
  if (ioctl(socket.get(), SIOCETHTOOL, &request) != 0) {
    if (errno == EOPNOTSUPP) return 1;
    return fail(what, errno, errno == ENODEV ? "`ip link` lists what there is" : "");
  }
  return std::max(1u, channels.rx_count + channels.combined_count);
}

}  // namespace penstock
