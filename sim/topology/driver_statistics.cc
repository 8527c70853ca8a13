// ETHTOOL_GSTATS, by the names of its string set.
#include "sim/topology/driver_statistics.h"

#include <linux/ethtool.h>

#include <cstddef>
#include <cstring>
#include <utility>

#include "engine/xsk/ethtool_request.h"

namespace penstock {

Result<std::vector<DriverStatistic>> read_driver_statistics(const Ethtool& device) {
  const EthtoolCall call = device.as_call();
  const Result<std::uint32_t> count = count_of_string_set(call, ETH_SS_STATS, "-S");
  if (!count) return tl::unexpected(count.error());
  Result<std::vector<std::string>> names = read_string_set(call, ETH_SS_STATS, *count, "-S");
  if (!names) return tl::unexpected(names.error());

  EthtoolRequest<ethtool_stats, std::uint64_t> values(*count);
  values.header().cmd = ETHTOOL_GSTATS;
  values.header().n_stats = *count;
  if (const Status got = device.call(values.data(), "-S"); !got) return tl::unexpected(got.error());

  std::vector<DriverStatistic> statistics(*count);
  for (std::size_t i = 0; i < statistics.size(); ++i) {
    statistics[i].name = std::move((*names)[i]);
    std::memcpy(&statistics[i].value, values.elements() + i * sizeof(std::uint64_t), sizeof(std::uint64_t));
  }
  return statistics;
}

}  // namespace penstock
