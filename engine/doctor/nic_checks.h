// What a NIC does to frames, and to which of its queues it brings them, before an XDP program sees them.
//
// Offloads that merge datagrams are fatal: an AF_XDP socket would get one frame of several. Steering matters
// where there are fewer sockets than queues, or few senders: a queue without a socket takes the slow way, and
// queues that nothing is spread over stand idle.
//
// Sources: linux/ethtool.h; Documentation/networking/scaling.rst. What a driver does not know it does not say
// (EOPNOTSUPP), and nothing follows.
//
// Thread safety: the calling thread's network namespace; changes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "engine/doctor/finding.h"
#include "engine/xsk/ethtool.h"

namespace penstock {

// `ethtool`: asks the interface. `sys`: /sys, or what stands for it in a test.
void check_offloads(const std::string& interface, const std::filesystem::path& sys,
                    const EthtoolCall& ethtool, Findings& findings);

// The spreading of UDP (RSS), and rules that bring one of the ports somewhere else (ntuple). `sockets`: how
// many of the queues have one, from queue 0 on.
void check_steering(const std::string& interface, std::uint32_t queues, std::uint32_t sockets,
                    std::span<const std::uint16_t> ports, const EthtoolCall& ethtool, Findings& findings);

}  // namespace penstock
