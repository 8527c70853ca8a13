// What can be said of the interface and of the ports before anything is opened.
//
// Thread safety: the calling thread's network namespace; changes nothing (a port is tried by a bind that is
// undone at once).
#pragma once

#include <cstdint>
#include <optional>

#include "engine/config/run_config.h"
#include "engine/doctor/finding.h"
#include "engine/xsk/netdev.h"

namespace penstock {

struct InterfaceState {
  bool there = false;
  bool foreign_program = false;  // an XDP program in any slot
  bool zero_copy_allowed = false;
  std::uint32_t queues = 0;
  bool queues_suffice = true;                 // for what the file asks of them
  std::optional<XdpFeatures> xdp{};           // where the kernel says
  std::optional<std::uint32_t> busy_queue{};  // one of ours that another AF_XDP socket holds

  // To what this interface and another one can both do: one way is taken for all.
  void lessen(const InterfaceState& other);
};

InterfaceState check_interface(const RunConfig& config, Findings& findings);

// One of the ports that another program holds, if there is one; whether that is wrong depends on the way that
// is taken.
std::optional<std::uint16_t> check_ports(const RunConfig& config, Findings& findings);

}  // namespace penstock
