// The table, and asking for a driver's name.
#include "engine/xsk/zero_copy_drivers.h"

#include <linux/ethtool.h>

#include <algorithm>
#include <cstring>

#include "engine/xsk/ethtool.h"

namespace penstock {
namespace {

constexpr ZeroCopyDriver kDrivers[] = {
    {"mlx5_core", true, "zero-copy since Linux 5.3; no open report of loss or damage known to us"},
    {"ixgbe", true, "zero-copy since Linux 4.20; no open report of loss or damage known to us"},
    {"i40e", false, "loses fragments of frames in zero-copy (ethernet-linux-i40e #15)"},
    {"ice", false, "panics and memory corruption in zero-copy (ethernet-linux-ice #59, firedancer #273)"},
    {"igb", false, "stops when the fill ring runs empty in zero-copy (xdp-tutorial #466)"},
    {"ena", false, "zero-copy does not receive (onload #337)"},
    {"virtio_net", false, "zero-copy is new (works on Linux 7.2, not on 6.12) and without experience"},
    {"veth", false, "has no zero-copy: bind answers EOPNOTSUPP", true},
};

}  // namespace

std::span<const ZeroCopyDriver> zero_copy_drivers() {
  return kDrivers;
}

ZeroCopyDriver zero_copy_of_driver(std::string_view driver) {
  const auto* row = std::find_if(std::begin(kDrivers), std::end(kDrivers),
                                 [&](const ZeroCopyDriver& known) { return known.driver == driver; });
  if (row != std::end(kDrivers)) return *row;
  return {driver, false, "nobody has told us that its zero-copy can be trusted"};
}

std::optional<std::string> driver_of(const std::string& interface) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  if (ethtool(interface, &info) != 0) return std::nullopt;
  return std::string(info.driver, strnlen(info.driver, sizeof(info.driver)));
}

}  // namespace penstock
