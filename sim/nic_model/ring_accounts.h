// Law 2 over the simulated ring: each account of a run, from the wire to the consumer and to the host.
//
// Thread safety: none; when nothing moves any more.
#pragma once

#include <cstdint>
#include <string>

#include "engine/metrics/counters.h"
#include "sim/nic_model/ring_engine.h"

namespace penstock {

// What somebody outside counted.
struct RingEnds {
  std::uint64_t offered = 0;    // to the NIC
  std::uint64_t delivered = 0;  // to the consumer
  std::uint64_t host = 0;       // by the program and by the return tile
};

// Every account that does not close, as "name: left != right", or nothing.
std::string open_accounts(RingEngine& engine, const CounterSnapshot& counters, const RingEnds& ends);

// The same while frames are on their way, as far as the return link: with what stands in the NIC's queues and
// in the RX rings. Cheap, and without a call at the seam, which may be told to fail.
std::string open_accounts_on_the_way(RingEngine& engine, std::uint64_t offered);

// Frames that were lost, over all names.
std::uint64_t lost_by_name(RingEngine& engine, const CounterSnapshot& counters);

}  // namespace penstock
