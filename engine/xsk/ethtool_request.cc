// ETHTOOL_GSSET_INFO and ETHTOOL_GSTRINGS.
#include "engine/xsk/ethtool_request.h"

#include <linux/ethtool.h>
#include <string.h>

#include <cstring>

namespace penstock {

Result<std::uint32_t> count_of_string_set(const EthtoolCall& call, std::uint32_t set,
                                          const std::string& name) {
  EthtoolRequest<ethtool_sset_info, std::uint32_t> request(1);
  request.header().cmd = ETHTOOL_GSSET_INFO;
  request.header().sset_mask = std::uint64_t{1} << set;
  if (const Status got = call(request.data(), name); !got) return tl::unexpected(got.error());
  std::uint32_t count = 0;
  if (request.header().sset_mask != 0) std::memcpy(&count, request.elements(), sizeof(count));
  return count;
}

Result<std::vector<std::string>> read_string_set(const EthtoolCall& call, std::uint32_t set,
                                                 std::uint32_t count, const std::string& name) {
  EthtoolRequest<ethtool_gstrings, char[ETH_GSTRING_LEN]> request(count);
  request.header() = {.cmd = ETHTOOL_GSTRINGS, .string_set = set, .len = count};
  if (const Status got = call(request.data(), name); !got) return tl::unexpected(got.error());
  std::vector<std::string> strings;
  for (std::uint32_t i = 0; i < count; ++i) {
    const char* const text = request.elements() + std::size_t{i} * ETH_GSTRING_LEN;
    strings.emplace_back(text, strnlen(text, ETH_GSTRING_LEN));
  }
  return strings;
}

}  // namespace penstock
