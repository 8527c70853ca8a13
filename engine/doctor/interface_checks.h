// What can be said of the interface and of the ports before anything is opened.
//
// Thread safety: the calling thread's network namespace; changes nothing (a port is tried by a bind that is
// undone at once).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/config/run_config.h"
#include "engine/doctor/finding.h"
#include "engine/receive/companion_socket.h"

namespace penstock {

struct InterfaceState {
  bool there = false;
  bool foreign_program = false;  // an XDP program in any slot
  bool zero_copy_allowed = false;
  std::uint32_t queues = 0;
};

InterfaceState check_interface(const RunConfig& config, Findings& findings);

// Whether the ports can be held as configured; true when none is to be held.
bool check_ports(const std::vector<std::uint16_t>& ports, Companion companion, Findings& findings);

}  // namespace penstock
