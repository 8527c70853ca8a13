// ETHTOOL_S* and ETHTOOL_G* of the four offloads.
#include "sim/topology/offloads.h"

#include <linux/ethtool.h>

#include <array>

#include <fmt/format.h>

#include "sim/topology/ethtool.h"

namespace penstock {
namespace {

struct Feature {
  const char* name;  // as ethtool -K spells it
  std::uint32_t get;
  std::uint32_t set;
  bool Offloads::*wanted;
};

// Checksums first: the kernel refuses segmentation without them.
constexpr std::array kFeatures = {
    Feature{"tx", ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM, &Offloads::tx_checksum},
    Feature{"tso", ETHTOOL_GTSO, ETHTOOL_STSO, &Offloads::segmentation},
    Feature{"gso", ETHTOOL_GGSO, ETHTOOL_SGSO, &Offloads::segmentation},
    Feature{"gro", ETHTOOL_GGRO, ETHTOOL_SGRO, &Offloads::gro},
};

Result<bool> get(const Ethtool& device, const Feature& feature) {
  ethtool_value value{feature.get, 0};
  if (const Status got = device.call(&value, fmt::format("-k {}", feature.name)); !got) {
    return tl::unexpected(got.error());
  }
  return value.data != 0;
}

}  // namespace

Result<Offloads> read_offloads(const NetNamespace& ns, const std::string& interface) {
  const Result<Ethtool> device = Ethtool::open(ns, interface);
  if (!device) return tl::unexpected(device.error());
  Offloads offloads;
  for (const Feature& feature : kFeatures) {
    const Result<bool> on = get(*device, feature);
    if (!on) return tl::unexpected(on.error());
    offloads.*feature.wanted = offloads.*feature.wanted || *on;
  }
  return offloads;
}

Status set_offloads(const NetNamespace& ns, const std::string& interface, const Offloads& wanted) {
  const Result<Ethtool> device = Ethtool::open(ns, interface);
  if (!device) return tl::unexpected(device.error());
  for (const Feature& feature : kFeatures) {
    const bool on = wanted.*feature.wanted;
    const std::string command = fmt::format("-K {} {}", feature.name, on ? "on" : "off");
    ethtool_value value{feature.set, on};
    if (Status set = device->call(&value, command); !set) return set;
    const Result<bool> now = get(*device, feature);
    if (!now) return tl::unexpected(now.error());
    if (*now != on) {
      return fail(fmt::format("ethtool {} {}: it did not take", command, interface), 0,
                  on && feature.wanted == &Offloads::segmentation ? "segmentation needs tx_checksum" : "");
    }
  }
  return {};
}

}  // namespace penstock
