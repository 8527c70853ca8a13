// [demand] of a scenario file: what the topology must offer; one that does not is refused by name, with the
// place of the demand in the file (demands_met.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/config/toml_reader.h"

namespace penstock {

struct Demand {
  std::uint32_t queues = 1;
  std::uint32_t mtu = 1500;
  bool second_interface = false;  // a second link between the hosts, over which the flows are split
  bool bridge = false;            // of Linux, between the two hosts
  bool decoupled = false;         // the receiver's NAPI has a thread of its own (sim/topology/napi_thread.h)
  bool native_xdp = false;        // by the receiver's driver; generic mode will not do
  bool zero_copy = false;         // of AF_XDP, at the receiver
  std::uint32_t huge_pages = 0;   // of 2 MiB, reserved on the receiving host and free
  bool ipv6 = false;
  bool dynamic_neighbours = false;  // the hosts resolve each other by ARP and ND; else fixed entries

  std::map<std::string, std::string, std::less<>> places{};  // of the file's keys: "file:line:column"
};

// Mistakes are noted in the document.
Demand read_demand(TomlReader table);

}  // namespace penstock
