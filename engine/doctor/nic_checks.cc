// Features by their names, the indirection table, the hashed fields, the rules.
#include "engine/doctor/nic_checks.h"

#include <arpa/inet.h>
#include <linux/ethtool.h>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/xsk/ethtool_request.h"

namespace penstock {
namespace {

// Names of the features that are on, as the kernel has them ("rx-lro").
std::set<std::string> features_on(const EthtoolCall& ethtool) {
  const Result<std::uint32_t> count = count_of_string_set(ethtool, ETH_SS_FEATURES, "-k");
  if (!count || *count == 0) return {};
  const auto names = read_string_set(ethtool, ETH_SS_FEATURES, *count, "-k");
  const std::size_t blocks = (*count + 31) / 32;
  EthtoolRequest<ethtool_gfeatures, ethtool_get_features_block> state(blocks);
  state.header() = {.cmd = ETHTOOL_GFEATURES, .size = static_cast<std::uint32_t>(blocks)};
  if (!names || !ethtool(state.data(), "-k")) return {};
  std::set<std::string> on;
  for (std::size_t i = 0; i < names->size(); ++i) {
    if ((state.header().features[i / 32].active >> i % 32 & 1) != 0) on.insert((*names)[i]);
  }
  return on;
}

// A VLAN device on top of the interface.
std::optional<std::string> vlan_device(const std::string& interface, const std::filesystem::path& sys) {
  constexpr std::string_view kUpper = "upper_";
  const std::filesystem::path devices = sys / "class/net";
  std::error_code none;
  for (std::filesystem::directory_iterator each(devices / interface, none), end; !none && each != end;
       each.increment(none)) {
    const std::string link = each->path().filename();
    if (!link.starts_with(kUpper)) continue;
    const std::string name = link.substr(kUpper.size());
    std::ifstream about(devices / name / "uevent");
    for (std::string line; std::getline(about, line);) {
      if (line == "DEVTYPE=vlan") return name;
    }
  }
  return std::nullopt;
}

struct Merging {
  const char* feature;
  const char* what;
};
constexpr Merging kMerging[] = {
    {"rx-lro", "the NIC makes one frame of several"},
    {"rx-gro-hw", "the NIC makes one frame of several"},
    {"rx-gro-list", "in generic mode and for sockets the host makes one datagram of several"},
    {"rx-udp-gro-forwarding", "in generic mode and for sockets the host makes one datagram of several"},
};

std::string text_of(const std::set<std::uint32_t>& queues) {
  return fmt::format("queue{} {}", queues.size() == 1 ? "" : "s", fmt::join(queues, ", "));
}

// The queues that the NIC spreads frames over; empty where it does not say.
std::set<std::uint32_t> spread_over(const EthtoolCall& ethtool) {
  ethtool_rxfh_indir size{};
  size.cmd = ETHTOOL_GRXFHINDIR;
  if (!ethtool(&size, "-x") || size.size == 0) return {};
  EthtoolRequest<ethtool_rxfh_indir, __u32> table(size.size);
  table.header() = {.cmd = ETHTOOL_GRXFHINDIR, .size = size.size};
  if (!ethtool(table.data(), "-x")) return {};
  const __u32* const rings = table.header().ring_index;
  return {rings, rings + size.size};
}

// Whether ports are among what is hashed of UDP over IPv4; nothing where the driver does not say.
std::optional<bool> hashes_ports(const EthtoolCall& ethtool) {
  ethtool_rxnfc fields{};
  fields.cmd = ETHTOOL_GRXFH;
  fields.flow_type = UDP_V4_FLOW;
  if (!ethtool(&fields, "-n")) return std::nullopt;
  return (fields.data & (RXH_L4_B_0_1 | RXH_L4_B_2_3)) != 0;
}

void check_rss(const std::string& interface, std::uint32_t queues, std::uint32_t sockets,
               const EthtoolCall& ethtool, Findings& findings) {
  constexpr const char* kWhat = "rss";
  if (queues < 2) {
    findings.push_back({Level::kOk, kWhat, "one queue: nothing is spread"});
    return;
  }
  const std::set<std::uint32_t> over = spread_over(ethtool);
  if (over.empty()) {
    findings.push_back({Level::kOk, kWhat, "the driver does not say how it spreads frames"});
  } else if (*over.rbegin() >= sockets) {
    findings.push_back(
        {Level::kWarn, kWhat,
         fmt::format("frames are spread over {}, and sockets are on the first {}", text_of(over), sockets),
         fmt::format("`ethtool -X {} equal {}`", interface, sockets)});
  } else if (hashes_ports(ethtool) == false) {
    findings.push_back({Level::kWarn, kWhat,
                        "UDP is spread by addresses alone: all that one sender sends comes to one queue",
                        fmt::format("`ethtool -N {} rx-flow-hash udp4 sdfn`", interface)});
  } else {
    findings.push_back({Level::kOk, kWhat, "frames are spread over " + text_of(over)});
  }
}

// Where a rule brings UDP for one of our ports that is no queue with a socket; empty when it does not.
std::string misled(const ethtool_rx_flow_spec& rule, std::uint32_t sockets,
                   std::span<const std::uint16_t> ports) {
  const std::uint32_t kind = rule.flow_type & ~std::uint32_t{FLOW_EXT | FLOW_MAC_EXT | FLOW_RSS};
  if (kind != UDP_V4_FLOW && kind != IPV4_USER_FLOW) return {};
  std::uint16_t port = 0;  // any
  if (kind == UDP_V4_FLOW && rule.m_u.udp_ip4_spec.pdst == 0xffff) port = ntohs(rule.h_u.udp_ip4_spec.pdst);
  if (port != 0 && std::find(ports.begin(), ports.end(), port) == ports.end()) return {};
  const std::string which =
      fmt::format("rule {} ({})", rule.location, port == 0 ? "UDP" : fmt::format("port {}", port));
  if (rule.ring_cookie == RX_CLS_FLOW_DISC) return which + " drops it";
  const std::uint64_t queue = ethtool_get_flow_spec_ring(rule.ring_cookie);
  return queue < sockets ? "" : fmt::format("{} leads to queue {}, where no socket is", which, queue);
}

void check_rules(const std::string& interface, std::uint32_t sockets, std::span<const std::uint16_t> ports,
                 const EthtoolCall& ethtool, Findings& findings) {
  constexpr const char* kWhat = "ntuple";
  ethtool_rxnfc count{};
  count.cmd = ETHTOOL_GRXCLSRLCNT;
  if (!ethtool(&count, "-n")) {
    findings.push_back({Level::kOk, kWhat, "the driver has no rules of steering"});
    return;
  }
  EthtoolRequest<ethtool_rxnfc, __u32> all(count.rule_cnt);
  all.header().cmd = ETHTOOL_GRXCLSRLALL;
  all.header().rule_cnt = count.rule_cnt;
  const bool listed = count.rule_cnt == 0 || ethtool(all.data(), "-n");
  for (std::uint32_t i = 0; listed && i < std::min(count.rule_cnt, all.header().rule_cnt); ++i) {
    ethtool_rxnfc one{};
    one.cmd = ETHTOOL_GRXCLSRULE;
    one.fs.location = all.header().rule_locs[i];
    if (!ethtool(&one, "-n")) continue;
    const std::string wrong = misled(one.fs, sockets, ports);
    if (wrong.empty()) continue;
    findings.push_back(
        {Level::kWarn, kWhat, wrong, fmt::format("`ethtool -N {} delete {}`", interface, one.fs.location)});
    return;
  }
  findings.push_back({Level::kOk, kWhat,
                      listed ? fmt::format("{} rules, none of which leads our ports astray", count.rule_cnt)
                             : "its rules cannot be read"});
}

}  // namespace

void check_offloads(const std::string& interface, const std::filesystem::path& sys,
                    const EthtoolCall& ethtool, Findings& findings) {
  const std::set<std::string> on = features_on(ethtool);
  const std::size_t before = findings.size();
  for (const Merging& merging : kMerging) {
    if (!on.contains(merging.feature)) continue;
    findings.push_back({Level::kWarn, "offloads", fmt::format("{} is on: {}", merging.feature, merging.what),
                        fmt::format("`ethtool -K {} {} off`", interface, merging.feature)});
  }
  const std::optional<std::string> vlan = vlan_device(interface, sys);
  if (vlan && on.contains("rx-vlan-hw-parse")) {
    findings.push_back(
        {Level::kWarn, "offloads",
         fmt::format("rx-vlan-hw-parse is on: the XDP program does not see the tags of {}'s frames, "
                     "and takes those for our ports",
                     *vlan),
         fmt::format("`ethtool -K {} rxvlan off`", interface)});
  }
  if (findings.size() == before)
    findings.push_back(
        {Level::kOk, "offloads", on.empty() ? "the driver names none" : "none that merges frames"});
}

void check_steering(const std::string& interface, std::uint32_t queues, std::uint32_t sockets,
                    std::span<const std::uint16_t> ports, const EthtoolCall& ethtool, Findings& findings) {
  check_rss(interface, queues, sockets, ethtool, findings);
  check_rules(interface, sockets, ports, ethtool, findings);
}

}  // namespace penstock
