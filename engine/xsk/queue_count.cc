// Asking the driver by ETHTOOL_GCHANNELS.
#include "engine/xsk/queue_count.h"

#include <errno.h>
#include <linux/ethtool.h>

#include <algorithm>

#include "engine/xsk/ethtool.h"

namespace penstock {

Result<std::uint32_t> count_rx_queues(const std::string& interface) {
  const std::string what = "count the RX queues of " + interface;
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  const int error = ethtool(interface, &channels);
  if (error == EOPNOTSUPP) return 1;
  if (error != 0) return fail(what, error, error == ENODEV ? "`ip link` lists what there is" : "");
  return std::max(1u, channels.rx_count + channels.combined_count);
}

}  // namespace penstock
