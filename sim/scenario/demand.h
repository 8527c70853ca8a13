// [demand] of a scenario file: what the topology must offer; one that does not is refused by name.
#pragma once

#include <cstdint>

#include "engine/config/toml_reader.h"

namespace penstock {

struct Demand {
  std::uint32_t queues = 1;
  std::uint32_t mtu = 1500;
  bool second_interface = false;  // a second link between the hosts, over which the flows are split
  bool bridge = false;            // of Linux, between the two hosts
  bool decoupled = false;         // the receiver's NAPI has a thread of its own (sim/topology/napi_thread.h)
  bool zero_copy = false;         // of AF_XDP, at the receiver
  bool ipv6 = false;
  bool dynamic_neighbours = false;  // the hosts resolve each other by ARP and ND; else fixed entries
};

// Mistakes are noted in the document.
Demand read_demand(TomlReader table);

}  // namespace penstock
