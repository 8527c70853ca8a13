// A device's features (`ethtool -k`), by the kernel's own names: "rx-gro", "tx-generic-segmentation".
//
// A feature is asked for, and then active, unless another one that it needs is off. What is read to be put
// back is the asking.
//
// Source of the facts: include/uapi/linux/ethtool.h, net/ethtool/common.c (netdev_features_strings).
//
// Thread safety: that of the call.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "sim/lab/fields.h"
#include "sim/topology/ethtool.h"

namespace penstock {

// Those that can be changed, 1 when asked for.
Result<Fields> read_features(const EthtoolCall& call);
// The same, 1 when active.
Result<Fields> read_active_features(const EthtoolCall& call);
// Of asking for one that is not in `there`, with the nearest that is.
Error no_such_feature(const Fields& there, const std::string& name);
// In one request. Errors name a feature that there is not, with the nearest, and one that did not take.
Status write_features(const EthtoolCall& call, const Fields& wanted);

}  // namespace penstock
