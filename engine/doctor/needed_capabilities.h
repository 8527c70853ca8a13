// The capabilities that the AF_XDP ways need, and sets of capabilities as the kernel has them.
//
// Thread safety: constants and pure functions.
#pragma once

#include <linux/capability.h>

#include <cstdint>
#include <string>

namespace penstock {

struct NeededCapability {
  int number;
  const char* name;
  const char* need;
};
inline constexpr NeededCapability kNeededCapabilities[] = {
    {CAP_BPF, "CAP_BPF", "load the XDP program"},
    {CAP_NET_ADMIN, "CAP_NET_ADMIN", "attach it, and make the TAP"},
    {CAP_PERFMON, "CAP_PERFMON", "have the verifier take it"},
    {CAP_NET_RAW, "CAP_NET_RAW", "open AF_XDP sockets"}};

inline constexpr const char* kSetCapabilities = "setcap cap_bpf,cap_net_admin,cap_perfmon,cap_net_raw+ep";

// A bit for each number.
constexpr bool has_capability(std::uint64_t set, int number) {
  return (set >> number & 1) != 0;
}

// "CAP_BPF (to load the XDP program), ..."; empty when the set has them all.
std::string missing_capabilities(std::uint64_t set);

}  // namespace penstock
