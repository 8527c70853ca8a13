// What a veth pair counts by the queue.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/result.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

struct QueueCounts {
  std::uint64_t sent = 0;       // by live frames, to this RX queue of the receiving end
  std::uint64_t ring_full = 0;  // of these: the queue's 256 places were taken
  std::uint64_t refused = 0;    // of these: by the AF_XDP socket of the queue
};

Result<std::vector<QueueCounts>> read_veth_queues(const LinkedHosts::End& sender,
                                                  const LinkedHosts::End& receiver, std::uint32_t queues);

}  // namespace penstock
