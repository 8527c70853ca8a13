// By the names of veth_get_strings() (drivers/net/veth.c): an end says what was redirected out of it by the
// peer's RX queue.
#include "bench/paths/veth_queues.h"

#include <errno.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "sim/topology/driver_statistics.h"

namespace penstock {
namespace {

Result<std::vector<DriverStatistic>> statistics_of(const LinkedHosts::End& end) {
  const Result<Ethtool> device = Ethtool::open(end.ns, end.interface);
  if (!device) return tl::unexpected(device.error());
  return read_driver_statistics(*device);
}

Status add_to(std::uint64_t& count, const std::vector<DriverStatistic>& statistics, const std::string& name) {
  const auto found =
      std::find_if(statistics.begin(), statistics.end(), [&](const auto& each) { return each.name == name; });
  if (found == statistics.end()) return fail("read " + name + " of a veth: it has no such counter", ENOENT);
  count += found->value;
  return {};
}

}  // namespace

Result<std::vector<QueueCounts>> read_veth_queues(const LinkedHosts::End& sender,
                                                  const LinkedHosts::End& receiver, std::uint32_t queues) {
  const auto near = statistics_of(sender);
  if (!near) return tl::unexpected(near.error());
  const auto far = statistics_of(receiver);
  if (!far) return tl::unexpected(far.error());
  std::vector<QueueCounts> counts(queues);
  for (std::uint32_t queue = 0; queue < queues; ++queue) {
    QueueCounts& of = counts[queue];
    Status read = add_to(of.sent, *near, fmt::format("tx_queue_{}_xdp_xmit", queue));
    if (read) read = add_to(of.ring_full, *near, fmt::format("tx_queue_{}_xdp_xmit_errors", queue));
    if (read) read = add_to(of.refused, *far, fmt::format("rx_queue_{}_drops", queue));
    if (!read) return tl::unexpected(read.error());
    of.sent += of.ring_full;
  }
  return counts;
}

}  // namespace penstock
