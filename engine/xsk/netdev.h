// What the kernel says of an interface through its generic netlink family "netdev", without opening anything.
// Source: Documentation/netlink/specs/netdev.yaml.
//
// A kernel that does not know the family, or the attribute, says nothing: nothing then follows, neither that
// something is there nor that it is not.
//
// Thread safety: pure functions over the calling thread's network namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/result.h"

namespace penstock {

// Bits of enum netdev_xdp_act (include/uapi/linux/netdev.h, which Debian 12's headers do not have).
inline constexpr std::uint64_t kXdpActBasic = 1;
inline constexpr std::uint64_t kXdpActRedirect = 2;
// Frames redirected to the interface are sent. A veth end has it exactly while its peer has NAPI: native XDP
// attached, or GRO on. Without it they vanish, and no counter tells.
inline constexpr std::uint64_t kXdpActNdoXmit = 4;
inline constexpr std::uint64_t kXdpActZeroCopy = 8;

// Linux 6.3. Nothing where the kernel has no such family. Errors: of asking, ENODEV for no such interface.
Result<std::optional<std::uint64_t>> read_xdp_features(unsigned interface_index);

// The same for who only wants to know what a receiver could have; nothing where that cannot be told.
struct XdpFeatures {
  bool native = false;     // the driver runs XDP programs and redirects frames
  bool zero_copy = false;  // and has AF_XDP write into the UMEM

  bool operator==(const XdpFeatures&) const = default;
};
std::optional<XdpFeatures> xdp_features_of(unsigned interface_index);

// The RX queues that an AF_XDP socket of any process is bound to, in any mode; Linux 6.15.
std::optional<std::vector<std::uint32_t>> queues_with_af_xdp(unsigned interface_index);

}  // namespace penstock
