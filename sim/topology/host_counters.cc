// Reading /proc/thread-self/net/snmp: pairs of lines, names and then values, each after "Ip:" or the like.
#include "sim/topology/host_counters.h"

#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

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

std::map<std::string, std::uint64_t> parse(std::istream& in) {
  std::map<std::string, std::uint64_t> values;
  std::string names_line;
  std::string values_line;
  while (std::getline(in, names_line) && std::getline(in, values_line)) {
    std::istringstream names(names_line);
    std::istringstream numbers(values_line);
    std::string protocol;
    std::string name;
    std::int64_t number = 0;  // some settings among them are negative
    names >> protocol;
    numbers >> name;
    while (names >> name && numbers >> number)
      values[protocol + name] = static_cast<std::uint64_t>(number);
  }
  return values;
}

}  // namespace

HostCounters HostCounters::since(const HostCounters& before) const {
  HostCounters delta = *this;
  for (const Field& field : kFields) {
    delta.*field.value -= before.*field.value;
  }
  return delta;
}

Result<HostCounters> read_host_counters(const NetNamespace& ns) {
  return run_in(ns, []() -> Result<HostCounters> {
    std::ifstream file("/proc/thread-self/net/snmp");
    const std::map<std::string, std::uint64_t> values = parse(file);
    HostCounters counters;
    for (const Field& field : kFields) {
      const auto found = values.find(field.name);
      if (found == values.end()) {
        return fail(std::string("read /proc/thread-self/net/snmp: it has no ") + field.name);
      }
      counters.*field.value = found->second;
    }
    return counters;
  });
}

}  // namespace penstock
