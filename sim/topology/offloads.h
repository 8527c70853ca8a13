// Offloads of a virtual interface, by the ethtool ioctl. They decide what bytes arrive: with checksum
// offload a sender's frames carry a partial checksum over veth, with segmentation offload one send
// becomes one giant frame, and GRO merges datagrams on arrival (and gives a veth NAPI without XDP).
#pragma once

#include <string>

#include "engine/base/result.h"
#include "sim/topology/netns.h"

namespace penstock {

struct Offloads {
  bool tx_checksum = false;
  bool segmentation = false;  // TSO and GSO
  bool gro = false;
  bool operator==(const Offloads&) const = default;
};

Result<Offloads> read_offloads(const NetNamespace& ns, const std::string& interface);

// Sets them and reads them back: one that did not take is an error.
Status set_offloads(const NetNamespace& ns, const std::string& interface, const Offloads& wanted);

}  // namespace penstock
