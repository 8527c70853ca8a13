// The counters that a driver keeps beside the kernel's own: what `ethtool -S` shows, name by name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "sim/topology/ethtool.h"

namespace penstock {

struct DriverStatistic {
  std::string name{};  // "rx_queue_0_xdp_packets"
  std::uint64_t value = 0;
};

// In the driver's order. Names are asked for anew each time, because they change with the queue count.
Result<std::vector<DriverStatistic>> read_driver_statistics(const Ethtool& device);

}  // namespace penstock
