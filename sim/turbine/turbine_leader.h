// The leader of a Turbine cluster: makes signed slots (sim/workload/leader_source.h) and sends each shred to
// the root of that shred's tree, the 64 of a set at once, sets at an even rate.
//
// A set leaves no sooner than one period after the one before it, also when the machine stood still
// meanwhile: the run takes longer then, and no queue behind gets more at once than it was made for.
//
// Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/shred/content_digest.h"
#include "sim/turbine/cluster.h"
#include "sim/workload/leader_source.h"

namespace penstock {

struct TurbineLeaderConfig {
  Cluster cluster;
  std::size_t fanout = 2;
  Endpoint from{};  // of this host; the port is Agave's broadcast port 8009 if the caller has no other
  std::uint16_t port = 8003;  // on which every node listens
  std::uint64_t seed = 1;     // of the leader's keys and its entries
  std::uint64_t first_slot = 1;
  std::uint32_t slots = 1;
  std::uint32_t sets_per_slot = 25;
  std::uint64_t pps = 4'000;  // shreds a second: a set every 64 / pps seconds
};

struct TurbineLeaderReport {
  std::uint64_t sets = 0;
  std::uint64_t shreds = 0;
  Nanoseconds elapsed = 0;          // from the first set to the last
  ContentDigest content;            // of all that was sent
  std::vector<std::uint64_t> sent;  // by node of the cluster: as the root
};

// Sends all slots and returns. Errors: an address that is not this host's, a slot with too many sets.
Result<TurbineLeaderReport> lead(const TurbineLeaderConfig& config);

}  // namespace penstock
