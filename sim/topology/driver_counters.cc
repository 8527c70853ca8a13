// The table, and sums by name.
#include "sim/topology/driver_counters.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace penstock {
namespace {

using Counters = PortCounters;

constexpr std::array kCounts = {
    CountOfDriver{&Counters::xdp_packets, "xdp_packets", "frames at the XDP program"},
    CountOfDriver{&Counters::xdp_redirect, "xdp_redirect", "redirected frames"},
    CountOfDriver{&Counters::xdp_drops, "xdp_drops", "frames dropped by the program"},
    CountOfDriver{&Counters::rx_drops, "rx_drops", "redirects that were refused"},
    CountOfDriver{&Counters::xdp_tx, "xdp_tx", "frames sent back by XDP_TX"},
    CountOfDriver{&Counters::xdp_tx_errors, "xdp_tx_errors", "failures of XDP_TX"},
    CountOfDriver{&Counters::xdp_xmit, "xdp_xmit", "frames redirected out of the device"},
    CountOfDriver{&Counters::xdp_xmit_errors, "xdp_xmit_errors", "failures to redirect out of the device"},
    CountOfDriver{&Counters::sent, "sent", "frames sent, redirected ones among them"},
    CountOfDriver{&Counters::nic_drop, "nic_drop", "frames that found its rings full"},
};

// Where one count comes from: terms with " + " or " - " between them. A term is a name of `ethtool -S`, with
// '#' for the number of a queue (all queues are summed), or several names with '|' between them of which the
// first that is there counts, or link:NAME for one of rtnl_link_stats64. No terms: always 0.
struct Source {
  Count Counters::*field;
  std::string_view terms;
};

constexpr std::string_view kNone;
constexpr std::string_view kTaken = "link:rx_packets";    // counted before the program, whatever its verdict
constexpr std::string_view kSentAll = "link:tx_packets";  // frames of ndo_xdp_xmit included

// drivers/net/veth.c, veth_rq_stats_desc and veth_tq_stats_desc. What finds the ring full is the sender's.
constexpr std::array kVeth = {
    Source{&Counters::xdp_packets, "rx_queue_#_xdp_packets"},
    Source{&Counters::xdp_redirect, "rx_queue_#_xdp_redirect"},
    Source{&Counters::xdp_drops, "rx_queue_#_xdp_drops"},
    Source{&Counters::rx_drops, "rx_queue_#_drops"},
    Source{&Counters::xdp_tx, "rx_queue_#_xdp_tx"},
    Source{&Counters::xdp_tx_errors, "rx_queue_#_xdp_tx_errors"},
    Source{&Counters::xdp_xmit, "tx_queue_#_xdp_xmit"},
    Source{&Counters::xdp_xmit_errors, "tx_queue_#_xdp_xmit_errors"},
    Source{&Counters::sent, kSentAll},
    Source{&Counters::nic_drop, kNone},
};

// drivers/net/virtio_net.c, virtnet_rq_stats_desc and virtnet_sq_stats_desc; the second of two names since
// 6.10 (virtnet_get_stats_string). xdp_tx counts tries. What finds no buffer the host drops, uncounted here.
constexpr std::array kVirtio = {
    Source{&Counters::xdp_packets, "rx_queue_#_xdp_packets|rx#_xdp_packets"},
    Source{&Counters::xdp_redirect, "rx_queue_#_xdp_redirects|rx#_xdp_redirects"},
    Source{&Counters::xdp_tx, "rx_queue_#_xdp_tx|rx#_xdp_tx"},
    Source{&Counters::xdp_xmit, "tx_queue_#_xdp_tx|tx#_xdp_tx - tx_queue_#_xdp_tx_drops|tx#_xdp_tx_drops"},
    Source{&Counters::xdp_xmit_errors, "tx_queue_#_xdp_tx_drops|tx#_xdp_tx_drops"},
};

// drivers/net/ethernet/mellanox/mlx5/core/en_stats.c, sw_stats_desc, q_stats_desc, pport_802_3_stats_desc and
// pport_phy_statistical; rx_packets and tx_packets are of the stack alone (mlx5e_stats_grp_sw_update_stats).
constexpr std::array kMlx5 = {
    Source{&Counters::xdp_packets,
           "rx_packets + rx_xdp_redirect + rx_xdp_drop + rx_xdp_tx_xmit + rx_xsk_packets + "
           "rx_xsk_xdp_redirect + rx_xsk_xdp_drop"},
    Source{&Counters::xdp_redirect, "rx_xdp_redirect + rx_xsk_xdp_redirect"},
    Source{&Counters::xdp_drops, "rx_xdp_drop + rx_xsk_xdp_drop"},
    Source{&Counters::xdp_tx, "rx_xdp_tx_xmit"},
    Source{&Counters::xdp_tx_errors, "rx_xdp_tx_full + rx_xdp_tx_err"},
    Source{&Counters::xdp_xmit, "tx_xdp_xmit"},
    Source{&Counters::xdp_xmit_errors, "tx_xdp_full + tx_xdp_err"},
    Source{&Counters::sent, "tx_packets + tx_xdp_xmit"},
    Source{&Counters::nic_drop, "rx_out_of_buffer + rx_discards_phy"},
};

// drivers/net/ethernet/intel/i40e/i40e_ethtool.c, i40e_gstrings_net_stats (GLV_RDPC: no descriptor) and
// i40e_gstrings_stats (GLPRT_RDPC: the port's buffer); i40e_main.c sums the XDP rings into tx_packets.
constexpr std::array kI40e = {
    Source{&Counters::xdp_packets, kTaken},
    Source{&Counters::sent, kSentAll},
    Source{&Counters::nic_drop, "rx_dropped + port.rx_dropped"},
};

// drivers/net/ethernet/intel/ice/ice_ethtool.c, ice_gstrings_vsi_stats and ice_gstrings_pf_stats.
constexpr std::array kIce = {
    Source{&Counters::xdp_packets, kTaken},
    Source{&Counters::nic_drop, "rx_dropped + rx_dropped.nic"},
};

// drivers/net/ethernet/intel/ixgbe/ixgbe_ethtool.c, ixgbe_gstrings_stats.
constexpr std::array kIxgbe = {
    Source{&Counters::xdp_packets, kTaken},
    Source{&Counters::nic_drop, "rx_missed_errors + rx_no_dma_resources"},
};

// drivers/net/ethernet/intel/igb/igb_ethtool.c, igb_gstrings_stats and igb_get_strings.
constexpr std::array kIgb = {
    Source{&Counters::xdp_packets, kTaken},
    Source{&Counters::nic_drop, "rx_missed_errors + rx_queue_#_drops"},
};

// drivers/net/ethernet/broadcom/bnxt/bnxt_ethtool.c, bnxt_sw_func_stats; bnxt_ring_err_stats_arr since 6.6.
constexpr std::array kBnxt = {
    Source{&Counters::xdp_packets, kTaken},
    Source{&Counters::nic_drop, "rx_total_discard_pkts|rx_total_ring_discards"},
};

// drivers/net/ethernet/amazon/ena/ena_ethtool.c, ena_stats_rx_strings. Its count of frames without a buffer
// reaches rx_dropped alone, among what the stack drops: it is taken for unknown.
constexpr std::array kEna = {
    Source{&Counters::xdp_packets, "queue_#_rx_cnt"},
    Source{&Counters::xdp_redirect, "queue_#_rx_xdp_redirect"},
    Source{&Counters::xdp_drops, "queue_#_rx_xdp_drop + queue_#_rx_xdp_aborted"},
    Source{&Counters::xdp_tx, "queue_#_rx_xdp_tx"},
};

struct Driver {
  std::string_view name;  // of ethtool_drvinfo
  std::span<const Source> sources;
  Nanoseconds settling = 0;
};

// Cards that hand their counters over now and then: the watchdogs of the Intel drivers run every two seconds,
// and reading asks most of them for fresh ones; mlx5's and bnxt's timers run every second.
constexpr std::array kDrivers = {
    Driver{"veth", kVeth},
    Driver{"virtio_net", kVirtio},
    Driver{"mlx5_core", kMlx5, kSecond},
    Driver{"i40e", kI40e, 2 * kSecond},
    Driver{"ice", kIce, 2 * kSecond},
    Driver{"ixgbe", kIxgbe, 2 * kSecond},
    Driver{"igb", kIgb, 2 * kSecond},
    Driver{"bnxt_en", kBnxt, kSecond},
    Driver{"ena", kEna, kSecond},
};

const Driver* find_driver(std::string_view name) {
  const auto found = std::find_if(kDrivers.begin(), kDrivers.end(),
                                  [name](const Driver& driver) { return driver.name == name; });
  return found == kDrivers.end() ? nullptr : &*found;
}

// "rx_queue_#_drops" and "rx_queue_12_drops".
bool matches(std::string_view pattern, std::string_view name) {
  const std::size_t at = pattern.find('#');
  if (at == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, at))) return false;
  name.remove_prefix(at);
  const std::size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
  return digits != 0 && name.substr(digits) == pattern.substr(at + 1);
}

std::optional<std::uint64_t> of_link(std::string_view name, const rtnl_link_stats64& link) {
  if (name == kTaken) return link.rx_packets;
  if (name == kSentAll) return link.tx_packets;
  return std::nullopt;
}

// The part before `separator`, which is taken off with it.
std::string_view next_part(std::string_view& text, std::string_view separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + separator.size());
  return part;
}

Count count_of_term(std::string_view term, std::span<const DriverStatistic> statistics,
                    const rtnl_link_stats64& link) {
  if (const auto known = of_link(term, link)) return *known;
  std::string_view rest = term;
  while (!rest.empty()) {
    const std::string_view pattern = next_part(rest, "|");
    std::uint64_t sum = 0;
    bool found = false;
    for (const DriverStatistic& statistic : statistics) {
      if (!matches(pattern, statistic.name)) continue;
      sum += statistic.value;
      found = true;
    }
    if (found) return sum;
  }
  return Count::unknown(fmt::format("there is no {} here", term));
}

Count count_of(std::string_view terms, std::span<const DriverStatistic> statistics,
               const rtnl_link_stats64& link) {
  Count sum;
  bool minus = false;
  while (!terms.empty()) {
    const std::string_view word = next_part(terms, " ");
    if (word == "+" || word == "-") {
      minus = word == "-";
      continue;
    }
    const Count term = count_of_term(word, statistics, link);
    if (minus) {
      sum -= term;
    } else {
      sum += term;
    }
  }
  return sum;
}

}  // namespace

std::span<const CountOfDriver> counts_of_drivers() {
  return kCounts;
}

void add_driver_counters(std::string_view name, std::span<const DriverStatistic> statistics,
                         const rtnl_link_stats64& link, PortCounters& counters) {
  const Driver* const driver = find_driver(name);
  for (const CountOfDriver& count : kCounts) {
    Count& value = counters.*count.field;
    value = Count::unknown(fmt::format("no counter of {} is known", count.meaning));
    if (driver == nullptr) continue;
    for (const Source& source : driver->sources) {
      if (source.field == count.field) value = count_of(source.terms, statistics, link);
    }
  }
  for (const CountOfDriver& count : kCounts) {
    Count& value = counters.*count.field;
    if (!value.known())
      value.missing =
          fmt::format("{} of driver {}: {}", count.name, name.empty() ? "?" : name, value.missing);
  }
}

Nanoseconds settling_of(std::string_view name) {
  const Driver* const driver = find_driver(name);
  return driver == nullptr ? kSecond : driver->settling;
}

std::vector<std::string_view> known_drivers() {
  std::vector<std::string_view> names;
  names.reserve(kDrivers.size());
  for (const Driver& driver : kDrivers)
    names.push_back(driver.name);
  return names;
}

}  // namespace penstock
