// ETHTOOL_[GS]RXCLSRL*.
#include "sim/lab/steering.h"

#include <arpa/inet.h>
#include <linux/ethtool.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/xsk/ethtool_request.h"

namespace penstock {
namespace {

constexpr std::uint16_t kWholePort = 0xffff;

struct Table {
  std::uint32_t places = 0;            // 0: the driver does not tell
  std::vector<std::uint32_t> taken{};  // locations
};

struct Rule {
  std::uint32_t location = 0;
  std::uint32_t queue = 0;
};

Result<Table> read_table(const EthtoolCall& call) {
  ethtool_rxnfc count{};
  count.cmd = ETHTOOL_GRXCLSRLCNT;
  if (const Status got = call(&count, "-n"); !got) return tl::unexpected(got.error());
  EthtoolRequest<ethtool_rxnfc, std::uint32_t> all(count.rule_cnt);
  all.header().cmd = ETHTOOL_GRXCLSRLALL;
  all.header().rule_cnt = count.rule_cnt;
  if (const Status got = call(all.data(), "-n"); !got) return tl::unexpected(got.error());
  // The locations begin where the structure's own array does, in front of its padding.
  Table table{.places = static_cast<std::uint32_t>(all.header().data) & ~std::uint32_t{RX_CLS_LOC_SPECIAL},
              .taken = {}};
  table.taken.resize(std::min(all.header().rule_cnt, count.rule_cnt));
  std::copy_n(all.header().rule_locs, table.taken.size(), table.taken.begin());
  return table;
}

bool is_by_port_alone(const ethtool_rx_flow_spec& flow, std::uint16_t port) {
  const ethtool_tcpip4_spec& value = flow.h_u.udp_ip4_spec;
  const ethtool_tcpip4_spec& mask = flow.m_u.udp_ip4_spec;
  return flow.flow_type == UDP_V4_FLOW && value.pdst == htons(port) && mask.pdst == kWholePort &&
         mask.psrc == 0 && mask.ip4src == 0 && mask.ip4dst == 0 && mask.tos == 0;
}

Result<std::optional<Rule>> find_rule(const EthtoolCall& call, const Table& table, std::uint16_t port) {
  for (const std::uint32_t location : table.taken) {
    ethtool_rxnfc one{};
    one.cmd = ETHTOOL_GRXCLSRULE;
    one.fs.location = location;
    if (const Status got = call(&one, "-n"); !got) return tl::unexpected(got.error());
    if (is_by_port_alone(one.fs, port))
      return Rule{.location = location, .queue = static_cast<std::uint32_t>(one.fs.ring_cookie)};
  }
  return std::nullopt;
}

std::uint32_t free_place(const Table& table) {
  for (std::uint32_t place = table.places; place-- > 0;) {
    if (std::find(table.taken.begin(), table.taken.end(), place) == table.taken.end()) return place;
  }
  return RX_CLS_LOC_ANY;  // the driver chooses, or says that its table is full
}

Status change(const EthtoolCall& call, std::uint16_t port, std::optional<std::uint32_t> queue) {
  const Result<Table> table = read_table(call);
  if (!table) return tl::unexpected(table.error());
  const Result<std::optional<Rule>> rule = find_rule(call, *table, port);
  if (!rule) return tl::unexpected(rule.error());
  if (!queue && !*rule) return {};
  ethtool_rxnfc request{};
  request.fs.location = *rule ? (*rule)->location : free_place(*table);
  if (!queue) {
    request.cmd = ETHTOOL_SRXCLSRLDEL;
    return call(&request, fmt::format("-N delete {}", request.fs.location));
  }
  request.cmd = ETHTOOL_SRXCLSRLINS;
  request.fs.flow_type = UDP_V4_FLOW;
  request.fs.h_u.udp_ip4_spec.pdst = htons(port);
  request.fs.m_u.udp_ip4_spec.pdst = kWholePort;
  request.fs.ring_cookie = *queue;
  return call(&request, fmt::format("-N flow-type udp4 dst-port {} action {}", port, *queue));
}

}  // namespace

Result<std::optional<std::uint32_t>> read_steering(const EthtoolCall& call, std::uint16_t port) {
  const Result<Table> table = read_table(call);
  if (!table) return tl::unexpected(table.error());
  const Result<std::optional<Rule>> rule = find_rule(call, *table, port);
  if (!rule) return tl::unexpected(rule.error());
  return *rule ? std::optional((*rule)->queue) : std::nullopt;
}

Status write_steering(const EthtoolCall& call, std::uint16_t port, std::optional<std::uint32_t> queue) {
  if (Status changed = change(call, port, queue); !changed) return changed;
  const Result<std::optional<std::uint32_t>> now = read_steering(call, port);
  if (!now) return tl::unexpected(now.error());
  if (*now != queue) return fail(fmt::format("steer UDP port {}: it did not take", port));
  return {};
}

}  // namespace penstock
