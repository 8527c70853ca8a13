// Some of the counters, by field.
#include "sim/topology/host_counters.h"

#include <array>
#include <string>

#include "sim/topology/kernel_counters.h"

namespace penstock {
namespace {

struct Field {
  const char* name;
  std::uint64_t HostCounters::*value;
};

constexpr std::array kFields = {
    Field{"Ip:InReceives", &HostCounters::ip_received},
    Field{"Ip:InHdrErrors", &HostCounters::ip_header_errors},
    Field{"Ip:InAddrErrors", &HostCounters::ip_address_errors},
    Field{"Ip:InUnknownProtos", &HostCounters::ip_unknown_protocol},
    Field{"Ip:InDiscards", &HostCounters::ip_discarded},
    Field{"Ip:InDelivers", &HostCounters::ip_delivered},
    Field{"Udp:InDatagrams", &HostCounters::udp_received},
    Field{"Udp:NoPorts", &HostCounters::udp_no_port},
    Field{"Udp:InErrors", &HostCounters::udp_errors},
    Field{"Udp:RcvbufErrors", &HostCounters::udp_buffer_full},
    Field{"Udp:InCsumErrors", &HostCounters::udp_bad_checksum},
    Field{"Udp:MemErrors", &HostCounters::udp_no_memory},
    Field{"Tcp:InSegs", &HostCounters::tcp_received},
    Field{"Tcp:OutSegs", &HostCounters::tcp_sent},
    Field{"Tcp:RetransSegs", &HostCounters::tcp_sent_again},
    Field{"Tcp:InErrs", &HostCounters::tcp_bad},
    Field{"Icmp:OutDestUnreachs", &HostCounters::icmp_unreachable},
};

}  // namespace

HostCounters HostCounters::since(const HostCounters& before) const {
  HostCounters delta = *this;
  for (const Field& field : kFields) {
    delta.*field.value -= before.*field.value;
  }
  return delta;
}

Result<HostCounters> read_host_counters(const NetNamespace& ns) {
  const Result<KernelCounters> values = read_kernel_counters(ns);
  if (!values) return tl::unexpected(values.error());
  HostCounters counters;
  for (const Field& field : kFields) {
    const auto found = values->find(field.name);
    if (found == values->end()) return fail(std::string("the kernel has no counter ") + field.name);
    counters.*field.value = found->second;
  }
  return counters;
}

}  // namespace penstock
