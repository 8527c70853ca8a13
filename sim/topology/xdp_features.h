// What the kernel says about one interface's XDP abilities (generic netlink family "netdev", Linux 6.3).
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/result.h"
#include "sim/topology/netns.h"

namespace penstock {

// Bits of enum netdev_xdp_act (include/uapi/linux/netdev.h, which Debian 12's headers do not have).
inline constexpr std::uint64_t kXdpActBasic = 1;
inline constexpr std::uint64_t kXdpActRedirect = 2;
// Frames redirected to the interface are sent. A veth end has it exactly while its peer has NAPI: native XDP
// attached, or GRO on. Without it they vanish, and no counter tells.
inline constexpr std::uint64_t kXdpActNdoXmit = 4;

// Nothing where the kernel has no such family.
Result<std::optional<std::uint64_t>> read_xdp_features(const NetNamespace& ns, unsigned ifindex);

}  // namespace penstock
