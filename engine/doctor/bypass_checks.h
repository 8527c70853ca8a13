// What stands between a NIC and its UDP sockets on this host, and not between a NIC and the fast path: what a
// packet filter or the reverse path filter forbids there, the engine is given (docs/exceptions.md,
// firewall_bypassed and rp_filter_bypassed).
//
// Sources: net/netfilter/nf_tables_api.c, nf_tables_fill_chain_info();
// Documentation/networking/ip-sysctl.rst, rp_filter.
//
// Thread safety: the calling thread's network namespace; changes nothing.
#pragma once

#include <filesystem>
#include <string>

#include "engine/doctor/finding.h"

namespace penstock {

// `proc`: /proc, or what stands for it in a test. Rules of nftables are not shown without CAP_NET_ADMIN,
// which is then said.
void check_bypassed(const std::string& interface, const std::filesystem::path& proc, Findings& findings);

}  // namespace penstock
