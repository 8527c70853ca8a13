// What became of the frames that the host's stack was given, by the stack's own names: the terms that the
// account of the socket paths (io_uring, udp) is made of.
//
// Each is read from a counter of the kernel, or of the tap that sees every inbound frame. What Linux drops
// without any counter (martian sources, source routes, ...) is in none of them: over such frames the account
// stays open, and says so.
//
// Sources: net/ipv4/{ip_input,ip_fragment,udp,tcp_ipv4,icmp}.c of Linux 6.18. Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/topology/kernel_counters.h"

namespace penstock {

struct StackCounts {
  // Passed on to somebody else than our sockets.
  std::uint64_t tcp = 0;   // Tcp:InSegs
  std::uint64_t icmp = 0;  // Icmp:InMsgs
  // Given to our sockets, or lost there.
  std::uint64_t udp_read = 0;     // Udp:InDatagrams: read by a socket
  std::uint64_t buffer_full = 0;  // Udp:RcvbufErrors
  // Refused.
  std::uint64_t no_port = 0;        // Udp:NoPorts
  std::uint64_t udp_checksum = 0;   // Udp:InCsumErrors
  std::uint64_t udp_memory = 0;     // Udp:MemErrors
  std::uint64_t udp_malformed = 0;  // Udp:InErrors less these three and no memory: lengths
  std::uint64_t ip_header = 0;      // Ip:InHdrErrors
  std::uint64_t ip_address = 0;     // Ip:InAddrErrors
  std::uint64_t ip_truncated = 0;   // IpExt:InTruncatedPkts
  std::uint64_t no_route = 0;       // IpExt:InNoRoutes
  std::uint64_t protocol = 0;       // Ip:InUnknownProtos
  std::uint64_t discarded = 0;      // Ip:InDiscards
  std::uint64_t other_host = 0;     // rx_otherhost_dropped of the interface: IPv4 for another station
  // Fragments in, datagrams out.
  std::uint64_t fragments = 0;    // Ip:ReasmReqds
  std::uint64_t reassembled = 0;  // Ip:ReasmOKs

  bool operator==(const StackCounts&) const = default;
};

// What grew between two readings of a namespace.
StackCounts stack_counts(const KernelCounters& before, const KernelCounters& after, std::uint64_t other_host);

// Whether Linux gives a frame to IPv4: by its ethertype, behind tags of VLAN 0 that it takes off.
bool is_for_ipv4(std::span<const std::byte> frame);

}  // namespace penstock
