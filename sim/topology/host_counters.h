// What the host's stack in a namespace counts (/proc/thread-self/net/snmp).
//
// IP and UDP: why a datagram that reached the stack did not reach a socket. "No term of an account is a
// remainder": these are the names behind `host_refused`. TCP and ICMP: how the host's own traffic fares.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "sim/topology/netns.h"

namespace penstock {

struct HostCounters {
  std::uint64_t ip_received = 0;          // Ip.InReceives: IPv4 packets that came in, by any interface
  std::uint64_t ip_header_errors = 0;     // Ip.InHdrErrors: bad header checksum, version, length
  std::uint64_t ip_address_errors = 0;    // Ip.InAddrErrors: not for this host
  std::uint64_t ip_unknown_protocol = 0;  // Ip.InUnknownProtos
  std::uint64_t ip_discarded = 0;         // Ip.InDiscards
  std::uint64_t ip_delivered = 0;         // Ip.InDelivers: handed to a protocol
  std::uint64_t udp_received = 0;         // Udp.InDatagrams: queued at a socket and read, or to be read
  std::uint64_t udp_no_port = 0;          // Udp.NoPorts: nobody listens
  std::uint64_t udp_errors = 0;           // Udp.InErrors: the three below, and lengths that do not fit
  std::uint64_t udp_buffer_full = 0;      // Udp.RcvbufErrors
  std::uint64_t udp_bad_checksum = 0;     // Udp.InCsumErrors
  std::uint64_t udp_no_memory = 0;        // Udp.MemErrors
  std::uint64_t tcp_received = 0;         // Tcp.InSegs, bad ones included
  std::uint64_t tcp_sent = 0;             // Tcp.OutSegs, without those sent again
  std::uint64_t tcp_sent_again = 0;       // Tcp.RetransSegs
  std::uint64_t tcp_bad = 0;              // Tcp.InErrs: bad checksum or length
  std::uint64_t icmp_unreachable = 0;     // Icmp.OutDestUnreachs: sent, port-unreachable among them

  HostCounters since(const HostCounters& before) const;
  bool operator==(const HostCounters&) const = default;
};

Result<HostCounters> read_host_counters(const NetNamespace& ns);

}  // namespace penstock
