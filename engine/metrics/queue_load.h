// How busy one AF_XDP socket is: a value, read while its net thread goes on (engine/receive/queue_meter.h).
#pragma once

#include <cstdint>
#include <string>

namespace penstock {

struct QueueLoad {
  std::string interface {};
  std::uint32_t queue = 0;         // RX queue of the interface
  std::uint64_t frames = 0;        // taken off the RX ring since the start
  std::uint32_t most_waiting = 0;  // frames that a look at the ring found, the most of the last second or two
  std::uint32_t entries = 0;       // of the ring: it is full at that many

  bool operator==(const QueueLoad&) const = default;
};

}  // namespace penstock
