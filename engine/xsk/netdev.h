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

namespace penstock {

// Linux 6.3.
struct XdpFeatures {
  bool native = false;     // the driver runs XDP programs and redirects frames
  bool zero_copy = false;  // and has AF_XDP write into the UMEM

  bool operator==(const XdpFeatures&) const = default;
};
std::optional<XdpFeatures> xdp_features_of(unsigned interface_index);

// The RX queues that an AF_XDP socket of any process is bound to, in any mode; Linux 6.15.
std::optional<std::vector<std::uint32_t>> queues_with_af_xdp(unsigned interface_index);

}  // namespace penstock
