// Which way `penstock run` would take, from what the checks have found: open_receiver() without opening
// anything.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/doctor/host_checks.h"
#include "engine/doctor/interface_checks.h"
#include "engine/receive/open_receiver.h"

namespace penstock {

struct Prediction {
  std::optional<WayToReceive> way;  // none: it would not start
  std::string why_not_better;       // each way before it, or all
};

// `held_port`: one of the plan's ports that another program holds.
Prediction predict(const ReceiverPlan& plan, const HostState& host, const InterfaceState& interface,
                   std::optional<std::uint16_t> held_port);

std::string to_string(const Prediction& prediction);

}  // namespace penstock
