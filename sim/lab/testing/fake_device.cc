// The requests, one by one.
#include "sim/lab/testing/fake_device.h"

#include <errno.h>

#include <cstring>

namespace penstock {

Status FakeDevice::take(void* request, const std::string& name) {
  std::uint32_t cmd = 0;
  std::memcpy(&cmd, request, sizeof(cmd));
  switch (cmd) {
    case ETHTOOL_GCHANNELS:
      std::memcpy(request, &channels, sizeof(channels));
      return {};
    case ETHTOOL_SCHANNELS: {
      const auto& wanted = *static_cast<const ethtool_channels*>(request);
      if (wanted.combined_count > channels.max_combined || wanted.combined_count == 0)
        return fail("ethtool " + name, EINVAL);
      channels = wanted;
      return {};
    }
    case ETHTOOL_GRINGPARAM:
      std::memcpy(request, &rings, sizeof(rings));
      return {};
    case ETHTOOL_SRINGPARAM:
      std::memcpy(&rings, request, sizeof(rings));
      rings.rx_pending &= ~511u;  // whole multiples of 512, without a word
      return {};
    case ETHTOOL_GCOALESCE:
      std::memcpy(request, &coalesce, sizeof(coalesce));
      return {};
    case ETHTOOL_SCOALESCE:
      std::memcpy(&coalesce, request, sizeof(coalesce));
      return {};
    case ETHTOOL_GSSET_INFO: {
      const auto count = static_cast<std::uint32_t>(feature_names.size());
      std::memcpy(static_cast<ethtool_sset_info*>(request)->data, &count, sizeof(count));
      return {};
    }
    case ETHTOOL_GSTRINGS: {
      auto* const strings = static_cast<ethtool_gstrings*>(request);
      for (std::size_t i = 0; i < feature_names.size(); ++i)
        std::strncpy(reinterpret_cast<char*>(strings->data) + i * ETH_GSTRING_LEN, feature_names[i].c_str(),
                     ETH_GSTRING_LEN - 1);
      return {};
    }
    case ETHTOOL_GFEATURES: {
      auto& block = static_cast<ethtool_gfeatures*>(request)->features[0];
      block = {
          .available = kChangeable, .requested = features_requested, .active = active(), .never_changed = 0};
      return {};
    }
    case ETHTOOL_SFEATURES: {
      const auto& block = static_cast<const ethtool_sfeatures*>(request)->features[0];
      features_requested = (features_requested & ~block.valid) | (block.requested & block.valid);
      return {};
    }
    default:
      return take_rules(*static_cast<ethtool_rxnfc*>(request), name);
  }
}

Status FakeDevice::take_rules(ethtool_rxnfc& request, const std::string& name) {
  if (!has_steering) return fail("ethtool " + name, EOPNOTSUPP);
  switch (request.cmd) {
    case ETHTOOL_GRXCLSRLCNT:
      request.rule_cnt = static_cast<std::uint32_t>(rules.size());
      request.data = places;
      return {};
    case ETHTOOL_GRXCLSRLALL: {
      request.data = places;
      std::uint32_t* to = request.rule_locs;
      for (const auto& [location, rule] : rules)
        std::memcpy(to++, &location, sizeof(location));
      return {};
    }
    case ETHTOOL_GRXCLSRULE:
      if (!rules.contains(request.fs.location)) return fail("ethtool " + name, EINVAL);
      request.fs = rules[request.fs.location];
      return {};
    case ETHTOOL_SRXCLSRLINS:
      if (request.fs.location >= places || request.fs.ring_cookie >= channels.combined_count)
        return fail("ethtool " + name, EINVAL);
      rules[request.fs.location] = request.fs;
      return {};
    case ETHTOOL_SRXCLSRLDEL:
      return rules.erase(request.fs.location) == 1 ? Status{} : fail("ethtool " + name, ENOENT);
    default:
      return fail("ethtool " + name, EOPNOTSUPP);
  }
}

}  // namespace penstock
