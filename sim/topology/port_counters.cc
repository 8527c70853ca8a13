// The kernel's statistics and the driver's, of one interface.
#include "sim/topology/port_counters.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "sim/topology/driver_counters.h"
#include "sim/topology/driver_statistics.h"

namespace penstock {
namespace {

constexpr std::array kLinkFields = {&PortCounters::rx_packets, &PortCounters::tx_packets,
                                    &PortCounters::rx_dropped, &PortCounters::tx_dropped,
                                    &PortCounters::rx_otherhost};

// Of `ethtool -C`: some cards write their counters to memory so often only. 0 for those that do not say.
Nanoseconds statistics_period(const Ethtool& device) {
  ethtool_coalesce request{};
  request.cmd = ETHTOOL_GCOALESCE;
  if (!device.call(&request, "-c")) return 0;
  return static_cast<Nanoseconds>(request.stats_block_coalesce_usecs) * kMicrosecond;
}

}  // namespace

PortCounters PortCounters::since(const PortCounters& before) const {
  PortCounters delta = *this;
  for (const auto field : kLinkFields) {
    delta.*field -= before.*field;
  }
  for (const CountOfDriver& count : counts_of_drivers()) {
    delta.*count.field -= before.*count.field;
  }
  return delta;
}

PortCounters& PortCounters::operator+=(const PortCounters& other) {
  for (const auto field : kLinkFields) {
    this->*field += other.*field;
  }
  for (const CountOfDriver& count : counts_of_drivers()) {
    this->*count.field += other.*count.field;
  }
  return *this;
}

Result<PortCounterReader> PortCounterReader::open(const NetNamespace& ns, const std::string& interface) {
  Result<LinkReader> link = LinkReader::open(ns);
  if (!link) return tl::unexpected(link.error());
  Result<Ethtool> device = Ethtool::open(ns, interface);
  if (!device) return tl::unexpected(device.error());
  // An interface that is not there is an error of read(); one without a driver's name has no driver's
  // counters.
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  std::string driver;
  if (device->call(&info, "-i")) driver.assign(info.driver, strnlen(info.driver, sizeof(info.driver)));
  const Nanoseconds settling = std::max(settling_of(driver), statistics_period(*device));
  return PortCounterReader(interface, std::move(*link), std::move(*device), std::move(driver), settling);
}

Result<PortCounters> PortCounterReader::read() const {
  const Result<LinkState> link = link_.read(interface_);
  if (!link) return tl::unexpected(link.error());
  auto statistics = read_driver_statistics(device_);
  if (!statistics && statistics.error().code == EOPNOTSUPP) statistics.emplace();
  if (!statistics) return tl::unexpected(statistics.error());
  PortCounters counters{.rx_packets = link->statistics.rx_packets,
                        .tx_packets = link->statistics.tx_packets,
                        .rx_dropped = link->statistics.rx_dropped,
                        .tx_dropped = link->statistics.tx_dropped,
                        .rx_otherhost = link->statistics.rx_otherhost_dropped};
  add_driver_counters(driver_, *statistics, link->statistics, counters);
  return counters;
}

}  // namespace penstock
