// Turbine's tree: by which hosts a shred reaches which. Every shred has a tree of its own, drawn from what
// the shred is and who leads, so that every host knows all trees without asking anybody.
//
//   leader ──► root ──► layer 1: positions 1 .. F ──► layer 2 ──► ...        F = fan-out
//
// Positions: all nodes but the leader in a random order, those with stake first, each drawn by its stake;
// those without stake follow, in a random order. The root, position 0, sends to 1 .. F. Node k of the first
// layer sends to F + k, 2F + k, ..., F * F + k, and so on: get_retransmit_peers() in Agave's
// turbine/src/cluster_nodes.rs. The draws are this testbed's own (engine/base/random.h), not Agave's ChaCha.
//
// Thread safety: none; scratch memory. No allocation after the first shred.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/shred/header.h"
#include "engine/shred/signature.h"
#include "sim/turbine/cluster.h"

namespace penstock {

// A number that no other shred of a run has: 20 bits of index, one of kind, the rest the slot.
inline std::uint64_t shred_number(const ShredHeader& shred) {
  return shred.slot << 21 ^ std::uint64_t{shred.index} << 1 ^ (shred.is_data() ? 1 : 0);
}

class TurbineTree {
 public:
  // `leader` goes into the draws. REQUIRES: at least one node, fanout > 0.
  TurbineTree(const Cluster& cluster, const PublicKey& leader, std::size_t fanout);

  // The nodes by position for this shred, as indices into the cluster. Valid until the next call.
  std::span<const std::size_t> order(const ShredHeader& shred);

  // Who gets the shred from the leader.
  std::size_t root(const ShredHeader& shred) { return order(shred).front(); }
  // Who gets it from `node`; none for a leaf. Valid until the next call.
  std::span<const std::size_t> children(std::size_t node, const ShredHeader& shred);

 private:
  std::vector<std::uint64_t> stakes_;  // by node
  std::uint64_t total_stake_ = 0;
  std::uint64_t seed_ = 0;
  std::size_t fanout_;
  std::vector<std::size_t> left_;  // nodes that were not drawn yet
  std::vector<std::size_t> order_;
  std::vector<std::size_t> children_;
};

}  // namespace penstock
