// Whether a run may take an interface: never one by which this machine is reached.
//
// Thread safety: pure functions over a namespace.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "sim/topology/netns.h"

namespace penstock {

// Refused, with the reason and what to do: an interface that is not there (with the nearest name), the
// loopback, one that carries a default route of either family in any table, one that is part of a bridge or
// bond, one that has an XDP program, and one with addresses unless it may have them.
Status may_take(const NetNamespace& ns, const std::string& interface, bool may_have_addresses);

}  // namespace penstock
