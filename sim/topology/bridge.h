// The veth topology with a bridge in between: a sender and a receiver (linked_hosts.h), each joined by a veth
// pair to a bridge of Linux in a namespace of its own.
//
//   sender ns            middle ns                           receiver ns
//   +-----------+     +-------------------------------+     +-------------+
//   | interface |-----| to-sender   bridge to-receiver|-----| interface   |
//   +-----------+     +-------------------------------+     +-------------+
//
// What the bridge is like: no spanning tree, no multicast snooping, MACs learned as usual, no offloads: GRO
// would merge TCP segments, and cut them again; and no packet filter, which takes padding off. So it takes no
// redirected frames (senders.h, needs_napi). Its ports have as many queues as the hosts, and the queue of a
// frame stays the same.
//
// What the bridge has no room for the sender's device counts (tx_dropped), what the receiver's ring has no
// room for `to-receiver`. What a bridge by its rules does not forward (802.1D's group addresses, a source
// that is no station's) nobody counts: accounts over such frames stay open.
//
// Needs root. Thread safety: const methods from any thread.
#pragma once

#include "engine/base/result.h"
#include "sim/topology/linked_hosts.h"

namespace penstock {

// Errors name the command that failed and what it said, or the setting that reads back differently.
Result<LinkedHosts> make_bridged_hosts(const LinkConfig& config);

}  // namespace penstock
