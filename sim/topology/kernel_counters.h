// Every counter that the host's stack in a namespace keeps, by name: /proc/thread-self/net/{snmp,netstat,
// snmp6,sockstat,sockstat6}.
//
//   snmp, netstat   "Udp:InCsumErrors", "TcpExt:IPReversePathFilter"
//   snmp6           "Udp6InCsumErrors", as the kernel spells it
//   sockstat(6)     "FRAG:inuse", "FRAG6:inuse": IPv4 and IPv6 datagrams that wait for fragments, now
//
// A kernel without IPv6 has no snmp6. Thread safety: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/base/result.h"
#include "sim/topology/netns.h"

namespace penstock {

using KernelCounters = std::map<std::string, std::uint64_t>;

Result<KernelCounters> read_kernel_counters(const NetNamespace& ns);

// What `name` grew by; 0 for a name that neither has.
std::uint64_t growth(const KernelCounters& before, const KernelCounters& after, const std::string& name);

}  // namespace penstock
