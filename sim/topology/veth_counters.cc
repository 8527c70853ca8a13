// Summing the driver's per-queue counters by name.
#include "sim/topology/veth_counters.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "sim/topology/driver_statistics.h"

namespace penstock {
namespace {

struct Field {
  std::string_view direction;  // "rx_queue_N_" or "tx_queue_N_", and then the name
  std::string_view name;
  std::uint64_t VethCounters::*value;
};

constexpr std::array kDriverFields = {
    Field{"rx_queue_", "_xdp_packets", &VethCounters::xdp_packets},
    Field{"rx_queue_", "_xdp_redirect", &VethCounters::xdp_redirect},
    Field{"rx_queue_", "_xdp_drops", &VethCounters::xdp_drops},
    Field{"rx_queue_", "_drops", &VethCounters::rx_drops},
    Field{"rx_queue_", "_xdp_tx", &VethCounters::xdp_tx},
    Field{"rx_queue_", "_xdp_tx_errors", &VethCounters::xdp_tx_errors},
    Field{"tx_queue_", "_xdp_xmit", &VethCounters::xdp_xmit},
    Field{"tx_queue_", "_xdp_xmit_errors", &VethCounters::xdp_xmit_errors},
};

constexpr std::array kLinkFields = {&VethCounters::rx_packets, &VethCounters::tx_packets,
                                    &VethCounters::rx_dropped, &VethCounters::tx_dropped,
                                    &VethCounters::rx_otherhost};

bool matches(const Field& field, std::string_view name) {
  if (!name.starts_with(field.direction)) return false;
  name.remove_prefix(field.direction.size());
  name.remove_prefix(std::min(name.find_first_not_of("0123456789"), name.size()));
  return name == field.name;
}

}  // namespace

VethCounters VethCounters::since(const VethCounters& before) const {
  VethCounters delta = *this;
  for (const auto field : kLinkFields) {
    delta.*field -= before.*field;
  }
  for (const Field& field : kDriverFields) {
    delta.*field.value -= before.*field.value;
  }
  return delta;
}

Result<VethCounterReader> VethCounterReader::open(const NetNamespace& ns, const std::string& interface) {
  Result<LinkReader> link = LinkReader::open(ns);
  if (!link) return tl::unexpected(link.error());
  Result<Ethtool> driver = Ethtool::open(ns, interface);
  if (!driver) return tl::unexpected(driver.error());
  return VethCounterReader(interface, std::move(*link), std::move(*driver));
}

Result<VethCounters> VethCounterReader::read() const {
  const Result<LinkState> link = link_.read(interface_);
  if (!link) return tl::unexpected(link.error());
  const auto statistics = read_driver_statistics(driver_);
  if (!statistics) return tl::unexpected(statistics.error());
  VethCounters counters{.rx_packets = link->statistics.rx_packets,
                        .tx_packets = link->statistics.tx_packets,
                        .rx_dropped = link->statistics.rx_dropped,
                        .tx_dropped = link->statistics.tx_dropped,
                        .rx_otherhost = link->statistics.rx_otherhost_dropped};
  for (const Field& field : kDriverFields) {
    bool found = false;
    for (const DriverStatistic& statistic : *statistics) {
      if (!matches(field, statistic.name)) continue;
      counters.*field.value += statistic.value;
      found = true;
    }
    if (!found) {
      return fail("read counters of " + interface_ + ": the driver has no " + std::string(field.direction) +
                  "N" + std::string(field.name));
    }
  }
  return counters;
}

}  // namespace penstock
