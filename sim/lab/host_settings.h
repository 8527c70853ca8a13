// What a host has set of an interface and loses when the interface leaves its namespace: addresses, routes,
// that it is up, and the settings below /proc/sys/net/ipv4/conf/IF and ipv6/conf/IF. Read to be put back.
//
//   "up"                                                  "on" or "off"
//   "address 198.51.100.7/24 broadcast 198.51.100.255"   "present" or "absent"
//   "route -4 203.0.113.0/24 via 198.51.100.1"            "present" or "absent"
//   "sysctl ipv4/conf/eth2/rp_filter"                     "2"
//
// Not among them: what the kernel makes by itself (link-local addresses, routes of its own or from router
// advertisements), neighbours, qdiscs.
//
// Thread safety: pure functions over a namespace.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "sim/lab/setting.h"
#include "sim/topology/netns.h"

namespace penstock {

inline constexpr std::string_view kAddress = "address ";
inline constexpr std::string_view kRoute = "route ";
inline constexpr std::string_view kSysctl = "sysctl ";

// In the order in which they can be put back: sysctls, "up", addresses, routes.
Result<std::vector<Setting>> read_host_settings(const NetNamespace& ns, const std::string& interface);

// Of one address or route: makes it be there again. Values other than "present" are not for it.
Status put_back(const NetNamespace& ns, const std::string& interface, const Setting& setting);

Result<std::string> read_sysctl(const NetNamespace& ns,
                                const std::string& name);  // "ipv4/conf/eth2/rp_filter"

}  // namespace penstock
