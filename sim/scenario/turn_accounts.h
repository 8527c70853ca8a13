// From the counters of a turn to its accounts (law 2) and to its entry in result.json.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/replay/sender.h"
#include "sim/scenario/account.h"
#include "sim/scenario/delivery.h"
#include "sim/scenario/result.h"
#include "sim/scenario/turn.h"

namespace penstock {

// The equations that hold for the AF_XDP paths over veth, from the sender's device to the consumer.
std::vector<Account> accounts_of(const Reading& reading, const ReplayReport& sent, std::uint64_t consumed);

// The same for the paths through the host's stack (io_uring, udp): their frames end at the stack's counters.
// `not_ipv4`: frames that the stack saw and that were not for IPv4.
std::vector<Account> socket_accounts_of(const Reading& reading, const ReplayReport& sent,
                                        std::uint64_t not_ipv4, std::uint64_t consumed);

// Frames that the engine's own counters say are lost, at any time. (An account at the end knows more causes.)
std::uint64_t lost_so_far(const CounterSnapshot& counters);

// Everything of a path's result that is a count or comes from the delivery.
PathResult path_result(Path path, const Reading& reading, const ReplayReport& sent, const Delivery& delivery);
PathResult socket_path_result(Path path, const Reading& reading, const ReplayReport& sent,
                              std::uint64_t not_ipv4, const Delivery& delivery);

}  // namespace penstock
