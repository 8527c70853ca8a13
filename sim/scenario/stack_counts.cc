// Names to fields.
#include "sim/scenario/stack_counts.h"

namespace penstock {
namespace {

constexpr std::size_t kEthertype = 12;
constexpr std::size_t kTag = 4;

std::uint32_t word_at(std::span<const std::byte> frame, std::size_t at) {
  return std::to_integer<std::uint32_t>(frame[at]) << 8 | std::to_integer<std::uint32_t>(frame[at + 1]);
}

}  // namespace

StackCounts stack_counts(const KernelCounters& before, const KernelCounters& after,
                         std::uint64_t other_host) {
  const auto grown = [&](const char* name) { return growth(before, after, name); };
  StackCounts counts{.tcp = grown("Tcp:InSegs"),
                     .icmp = grown("Icmp:InMsgs"),
                     .udp_read = grown("Udp:InDatagrams"),
                     .buffer_full = grown("Udp:RcvbufErrors"),
                     .no_port = grown("Udp:NoPorts"),
                     .udp_checksum = grown("Udp:InCsumErrors"),
                     .udp_memory = grown("Udp:MemErrors"),
                     .ip_header = grown("Ip:InHdrErrors"),
                     .ip_address = grown("Ip:InAddrErrors"),
                     .ip_truncated = grown("IpExt:InTruncatedPkts"),
                     .no_route = grown("IpExt:InNoRoutes"),
                     .protocol = grown("Ip:InUnknownProtos"),
                     .discarded = grown("Ip:InDiscards"),
                     .other_host = other_host,
                     .fragments = grown("Ip:ReasmReqds"),
                     .reassembled = grown("Ip:ReasmOKs")};
  // The kernel has no name of its own for what is left of its sum.
  counts.udp_malformed = grown("Udp:InErrors") - counts.buffer_full - counts.udp_checksum - counts.udp_memory;
  return counts;
}

bool is_for_ipv4(std::span<const std::byte> frame) {
  for (std::size_t at = kEthertype; at + 2 <= frame.size(); at += kTag) {
    const std::uint32_t type = word_at(frame, at);
    if (type == 0x0800) return true;
    const bool tag = type == 0x8100 || type == 0x88a8;
    if (!tag || at + kTag > frame.size() || (word_at(frame, at + 2) & 0x0fff) != 0) return false;
  }
  return false;
}

}  // namespace penstock
