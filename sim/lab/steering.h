// Steering of UDP datagrams over IPv4 to an RX queue, by their destination port alone: the shape of rule that
// lab files have (`ethtool -N IF flow-type udp4 dst-port P action Q`). Rules of other shapes are left alone.
//
// Source of the facts: include/uapi/linux/ethtool.h (struct ethtool_rxnfc).
//
// Thread safety: that of the call.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/result.h"
#include "sim/topology/ethtool.h"

namespace penstock {

// The queue that the port is steered to; none where no rule of this shape has it.
// Errors: EOPNOTSUPP where the driver has no steering.
Result<std::optional<std::uint32_t>> read_steering(const EthtoolCall& call, std::uint16_t port);

// Steers it, changes its rule, or (none) takes the rule away. A new rule gets the last free place of the
// table: what a host's owner adds gets the first. Reads back.
Status write_steering(const EthtoolCall& call, std::uint16_t port, std::optional<std::uint32_t> queue);

}  // namespace penstock
