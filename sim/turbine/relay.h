// A relay: a node of a Turbine cluster that takes shreds off its port and retransmits each to its children in
// that shred's tree, as a validator does, with its own signature in resigned ones.
//
//   parent ──► UDP port ──► parse ──► children of the tree ──► UDP, from another port, to that port of each
//
// What it is not: it verifies no signature, keeps nothing, and does not know whether a shred came before: a
// copy is retransmitted again. A validator in its place would be the leader's judge; here the receivers are.
//
// Loss and delay on its way out are part of the testbed, by draws from the seed and the shred, so that order
// of arrival changes nothing: with loss_ppm some shreds are not sent to some children; with `jitter` each
// shred waits for some time up to it, which puts them into another order.
//
// Thread safety: none; one relay, one thread. No allocation for a shred that does not wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/turbine/cluster.h"
#include "sim/turbine/hold_queue.h"
#include "sim/turbine/resigner.h"
#include "sim/turbine/turbine_tree.h"
#include "sim/turbine/udp_batch.h"

namespace penstock {

struct RelayConfig {
  Cluster cluster;
  std::size_t self = 0;  // which node of it
  PublicKey leader{};    // of all slots
  std::size_t fanout = 2;
  std::uint16_t port = 8003;       // on which every node listens
  std::uint16_t from_port = 8006;  // Agave's port of retransmission
  std::uint32_t loss_ppm = 0;
  Nanoseconds jitter = 0;
  std::uint64_t seed = 0;  // of this relay's keys and losses
};

struct RelayCounts {
  std::uint64_t received = 0;  // datagrams = shreds + not_shreds
  std::uint64_t not_shreds = 0;
  std::uint64_t socket_dropped = 0;  // found the receive buffer full
  std::uint64_t resigned = 0;
  std::vector<std::uint64_t> sent;  // by node of the cluster
  std::vector<std::uint64_t> lost;  // by node: left out by loss_ppm
};

class Relay {
 public:
  // Listens when it returns. Errors: a port that is taken, an address that is not this host's.
  static Result<Relay> open(const RelayConfig& config);

  // Readable when there is something to do.
  int fd() const { return input_.fd(); }
  // Retransmits what has come and what has waited until `now`; returns how many datagrams came, 0 when none.
  Result<std::size_t> step(Nanoseconds now);
  // When a shred that waits wants to leave; none: no shred waits.
  std::optional<Nanoseconds> next_due() const { return waiting_.next_due(); }

  Result<RelayCounts> counts() const;

 private:
  Relay(const RelayConfig& config, UdpInput input, UdpOutput output);
  Status retransmit(std::span<std::byte> payload, Nanoseconds now);
  Status send(std::span<const std::byte> payload, std::span<const std::size_t> to);
  Status send_due(Nanoseconds now);

  RelayConfig config_;
  UdpInput input_;
  UdpOutput output_;
  TurbineTree tree_;
  Resigner resigner_;
  HoldQueue waiting_;
  std::vector<std::size_t> kept_;  // children that get the shred in hand
  RelayCounts counts_;
};

}  // namespace penstock
