// How many RX queues an interface has now (`ethtool -l`).
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace penstock {

// In the network namespace of the calling thread. A driver that cannot say has one. Errors: ENODEV.
Result<std::uint32_t> count_rx_queues(const std::string& interface);

}  // namespace penstock
