// Did the receiver's host notice the engine? What its ordinary traffic did beside the engine, against what
// was asked of it and what the same traffic did in the same run without an engine.
#pragma once

#include <string>
#include <vector>

#include "sim/host/host_traffic.h"
#include "sim/scenario/result.h"

namespace penstock {

// TCP segments that may be sent again: twice as many as without the engine, or one in a thousand, whichever
// is more.
std::uint64_t retransmits_allowed(const HostReport& report, const HostReport& baseline);

// One check a part of the traffic that was asked for, as PATH.host_ping and so on.
std::vector<Check> check_host(const std::string& path, const HostTrafficConfig& asked,
                              const HostReport& report, const HostReport& baseline);

}  // namespace penstock
