// The two hosts of a turn, whatever receives on one of them: made as the scenario demands, and told from the
// generator that sends in the name of one.
//
// Hosts that say something by themselves (ARP, neighbour discovery, a test's TCP) are given a MAC that no
// frame of a generator has as its source. So a tap can leave out their frames, and what it sees is the
// generator's alone. Hosts that keep silent have the MACs of path_link(), and nothing is left out.
//
// Hosts with traffic of their own have at most 128 KiB of a TCP connection under way: with native XDP the
// veth's ring has 256 places, and what overflows it, where a network card has thousands, would be the
// testbed's loss. And they send no tail loss probes: a probe that is sent because a CPU was busy for 8 ms is
// a retransmission of a segment that had arrived, and would hide those of segments that had not.
#pragma once

#include <optional>
#include <string>

#include "engine/base/result.h"
#include "sim/host/host_traffic.h"
#include "sim/scenario/demand.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

class NicLab;

struct TwoHostsConfig {
  Demand demand{};
  HostTrafficConfig traffic{};
  NicLab* lab = nullptr;  // whose ports the link has, borrowed; none: a veth pair
  std::optional<MacAddress>
      remote{};      // of the port that sends from another host; none: the link's own end does
  bool gro = false;  // at the receiver: a veth without XDP then takes frames by NAPI too

  bool speak() const { return traffic.any() || demand.ipv6 || demand.dynamic_neighbours; }
};

// Silent so far: the counters of their frames are attached to it before let_speak().
Result<LinkedHosts> make_two_hosts(const TwoHostsConfig& config);

// IPv6 and dynamic neighbours, as demanded.
Status let_speak(const LinkedHosts& topology, const TwoHostsConfig& config);

// For HostTap: all but what `end` sends by itself; empty (everything) when the hosts keep silent.
std::string tap_filter(const LinkedHosts::End& end, const TwoHostsConfig& config);

}  // namespace penstock
