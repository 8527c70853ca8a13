// The veth topology: a sender and a receiver (linked_hosts.h), joined by a veth pair.
//
// The sender's queue is the receiver's: an skb sent on TX queue n arrives on RX queue n. A fresh topology has
// sent and received nothing.
//
// Everything goes when the object goes, and when the process dies (netns.h); the kernel takes some
// milliseconds for it. Interfaces carry the alias "penstock:RUN", to be told from anyone else's.
//
// Needs root. Thread safety: const methods from any thread.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "sim/topology/linked_hosts.h"
#include "sim/topology/netns.h"

namespace penstock {

using VethConfig = LinkConfig;

// One end of a pair: `index` is of its interface.
struct VethEnd {
  const LinkEndConfig& side;
  unsigned index = 0;
};

// The line for `ip` that makes a pair with one end in the namespace where it is run. Both ends in one step:
// the peer never exists there.
std::string veth_pair_line(const LinkConfig& config, const VethEnd& here, const VethEnd& peer,
                           const NetNamespace& peer_ns);

class VethTopology : public LinkedHosts {
 public:
  // Errors name the command that failed and what it said, or the setting that reads back differently.
  static Result<VethTopology> create(const VethConfig& config);

 private:
  using LinkedHosts::LinkedHosts;
};

}  // namespace penstock
