// The numbers that `ethtool` shows and sets of a device: channels (-l), rings (-g), coalescing (-c).
//
// Source of the facts: include/uapi/linux/ethtool.h.
//
// Thread safety: that of the call.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "sim/lab/fields.h"
#include "sim/topology/ethtool.h"

namespace penstock {

// `group`: "channels" (rx, tx, combined), "rings" (rx, tx: entries) or "coalesce" (adaptive_rx, rx_us, ...).
// Errors: EOPNOTSUPP where the driver has no such thing.
Result<Fields> read_group(const EthtoolCall& call, std::string_view group);
// The most of each field, by the same names; of "channels" and "rings".
Result<Fields> read_limits(const EthtoolCall& call, std::string_view group);
// All of `wanted` in one request; the group's other fields stay. Reads back: what did not take is an error.
Status write_group(const EthtoolCall& call, std::string_view group, const Fields& wanted);

}  // namespace penstock
