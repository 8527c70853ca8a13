// A network card's ethtool requests without a card: channels with limits, rings that a driver rounds,
// coalescing, features of which one needs another, and a table of steering rules. For what no virtual
// interface has.
//
// Thread safety: none.
#pragma once

#include <linux/ethtool.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "sim/topology/ethtool.h"

namespace penstock {

struct FakeDevice {
  ethtool_channels channels{};  // 8 combined, of at most 8
  ethtool_ringparam rings{};    // 512 entries each way, of at most 4096
  ethtool_coalesce coalesce{};  // adaptive, 50 us
  std::vector<std::string> feature_names{"tx-checksum", "tx-segmentation", "fixed", "rx-gro"};
  std::uint32_t features_requested = 0b1011;
  std::map<std::uint32_t, ethtool_rx_flow_spec> rules{};  // by location
  std::uint32_t places = 16;
  bool has_steering = true;

  FakeDevice() {
    channels.max_combined = channels.combined_count = 8;
    rings.rx_max_pending = rings.tx_max_pending = 4096;
    rings.rx_pending = rings.tx_pending = 512;
    coalesce.rx_coalesce_usecs = 50;
    coalesce.use_adaptive_rx_coalesce = 1;
  }

  // Borrows this object.
  EthtoolCall as_call() {
    return [this](void* request, const std::string& name) { return take(request, name); };
  }

 private:
  static constexpr std::uint32_t kChangeable = 0b1011;

  // Without checksums no segmentation.
  std::uint32_t active() const {
    return (features_requested & 1) != 0 ? features_requested : features_requested & ~0b10u;
  }

  Status take(void* request, const std::string& name);
  Status take_rules(ethtool_rxnfc& request, const std::string& name);
};

}  // namespace penstock
