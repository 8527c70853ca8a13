// ETHTOOL_GSSET_INFO, ETHTOOL_GSTRINGS, ETHTOOL_GSTATS.
#include "sim/topology/driver_statistics.h"

#include <linux/ethtool.h>
#include <string.h>

#include <cstddef>
#include <cstring>

namespace penstock {
namespace {

// The structures of linux/ethtool.h end in an array of unknown length: this is storage for one.
template <typename Header, typename Element>
class Request {
 public:
  explicit Request(std::size_t elements)
      : words_((sizeof(Header) + elements * sizeof(Element) + sizeof(std::uint64_t) - 1) /
               sizeof(std::uint64_t)) {}

  void* data() { return words_.data(); }
  Header& header() { return *reinterpret_cast<Header*>(words_.data()); }
  const char* elements() const { return reinterpret_cast<const char*>(words_.data()) + sizeof(Header); }

 private:
  std::vector<std::uint64_t> words_;
};

Result<std::uint32_t> count_of(const Ethtool& device) {
  Request<ethtool_sset_info, std::uint32_t> request(1);
  request.header().cmd = ETHTOOL_GSSET_INFO;
  request.header().sset_mask = 1ULL << ETH_SS_STATS;
  if (const Status got = device.call(request.data(), "-S"); !got) return tl::unexpected(got.error());
  std::uint32_t count = 0;
  if (request.header().sset_mask != 0) std::memcpy(&count, request.elements(), sizeof(count));
  return count;
}

}  // namespace

Result<std::vector<DriverStatistic>> read_driver_statistics(const Ethtool& device) {
  const Result<std::uint32_t> count = count_of(device);
  if (!count) return tl::unexpected(count.error());

  Request<ethtool_gstrings, char[ETH_GSTRING_LEN]> names(*count);
  names.header().cmd = ETHTOOL_GSTRINGS;
  names.header().string_set = ETH_SS_STATS;
  names.header().len = *count;
  if (const Status got = device.call(names.data(), "-S"); !got) return tl::unexpected(got.error());

  Request<ethtool_stats, std::uint64_t> values(*count);
  values.header().cmd = ETHTOOL_GSTATS;
  values.header().n_stats = *count;
  if (const Status got = device.call(values.data(), "-S"); !got) return tl::unexpected(got.error());

  std::vector<DriverStatistic> statistics(*count);
  for (std::size_t i = 0; i < statistics.size(); ++i) {
    const char* name = names.elements() + i * ETH_GSTRING_LEN;
    statistics[i].name.assign(name, strnlen(name, ETH_GSTRING_LEN));
    std::memcpy(&statistics[i].value, values.elements() + i * sizeof(std::uint64_t), sizeof(std::uint64_t));
  }
  return statistics;
}

}  // namespace penstock
