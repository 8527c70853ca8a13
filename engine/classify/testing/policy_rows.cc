// The policies.
#include "engine/classify/testing/policy_rows.h"

#include <utility>

#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/option_rows.h"

namespace penstock {

std::vector<PolicyRow> policy_rows() {
  const ClassifierConfig plain = row_classifier();
  std::vector<PolicyRow> rows{{"plain", plain}};
  const auto add = [&](std::string_view name, auto change) {
    ClassifierConfig config = plain;
    change(config);
    rows.push_back({name, std::move(config)});
  };
  add("vlan", [](ClassifierConfig& c) { c.vlan = true; });
  add("ipv6", [](ClassifierConfig& c) {
    c.ipv6 = true;
    c.ipv6_addresses = option_classifier().ipv6_addresses;
  });
  add("verify", [](ClassifierConfig& c) { c.verify_udp_checksum = true; });
  add("many_addresses", [](ClassifierConfig& c) { c.addresses = option_classifier().addresses; });
  add("any_station", [](ClassifierConfig& c) {
    c.mac.reset();
    c.addresses.clear();
  });
  add("large_chunks", [](ClassifierConfig& c) { c.max_frame = 3500; });
  rows.push_back({"everything", option_classifier()});
  return rows;
}

bool policy_can_give(const ClassifierConfig& config, penstock_reason reason) {
  switch (reason) {
    case PENSTOCK_NO_SOCKET:
    case PENSTOCK_ENGINE_STALLED:
      return false;  // the program's own
    case PENSTOCK_IPV6:
      return !config.ipv6;
    case PENSTOCK_IPV6_EXTENSION:
    case PENSTOCK_UDP_NO_CHECKSUM:
      return config.ipv6;
    case PENSTOCK_DESTINATION_MAC:
      return config.mac.has_value();
    case PENSTOCK_OWN_SOURCE:
      return !config.addresses.empty() || !config.ipv6_addresses.empty();
    case PENSTOCK_UDP_CHECKSUM:
      return config.verify_udp_checksum;
    default:
      return true;
  }
}

}  // namespace penstock
