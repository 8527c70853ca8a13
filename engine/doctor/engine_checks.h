// The engine that runs with this file, if one does: whether it receives, and if not why not (monitor/why.h).
//
// Thread safety: none. Takes a second where an engine answers, since rates want two looks.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/config/run_config.h"
#include "engine/doctor/finding.h"
#include "engine/doctor/interface_checks.h"
#include "engine/monitor/sample.h"

namespace penstock {

// What the engine on the configured interface says of itself; nothing when none answers.
std::optional<EngineSample> check_engine(const RunConfig& config, Findings& findings);

// What the running engine holds itself, XDP slot, queues and ports, keeps nobody out who takes its place.
void forgive_what_it_holds(const EngineSample& engine, InterfaceState& interface);
void forgive_what_it_holds(const EngineSample& engine, Findings& findings);
bool holds_port(const EngineSample& engine, std::uint16_t port);

}  // namespace penstock
