// Drawing the order, and the positions below one.
#include "sim/turbine/turbine_tree.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace penstock {
TurbineTree::TurbineTree(const Cluster& cluster, const PublicKey& leader, std::size_t fanout)
    : fanout_(fanout) {
  PENSTOCK_CHECK(!cluster.empty() && fanout > 0);
  for (const ClusterNode& node : cluster)
    stakes_.push_back(node.stake);
  total_stake_ = std::accumulate(stakes_.begin(), stakes_.end(), std::uint64_t{0});
  std::memcpy(&seed_, leader.data(), sizeof(seed_));
}

std::span<const std::size_t> TurbineTree::order(const ShredHeader& shred) {
  Random random(seed_, "turbine", shred_number(shred));
  left_.resize(stakes_.size());
  std::iota(left_.begin(), left_.end(), std::size_t{0});
  order_.clear();
  std::uint64_t stake_left = total_stake_;
  while (!left_.empty()) {
    auto drawn = left_.begin();
    if (stake_left > 0) {
      for (std::uint64_t ticket = random.below(stake_left); ticket >= stakes_[*drawn]; ++drawn)
        ticket -= stakes_[*drawn];
    } else {
      drawn += static_cast<std::ptrdiff_t>(random.below(left_.size()));
    }
    stake_left -= stakes_[*drawn];
    order_.push_back(*drawn);
    *drawn = left_.back();
    left_.pop_back();
  }
  return order_;
}

std::span<const std::size_t> TurbineTree::children(std::size_t node, const ShredHeader& shred) {
  const std::span<const std::size_t> nodes = order(shred);
  const auto position = static_cast<std::size_t>(std::find(nodes.begin(), nodes.end(), node) - nodes.begin());
  PENSTOCK_CHECK(position < nodes.size());
  // The node's place among its F siblings, and the position of the first of these.
  const std::size_t offset = position == 0 ? 0 : (position - 1) % fanout_;
  const std::size_t anchor = position - offset;
  const std::size_t step = position == 0 ? 1 : fanout_;
  children_.clear();
  std::size_t child = anchor * fanout_ + offset + 1;
  for (std::size_t i = 0; i < fanout_ && child < nodes.size(); ++i, child += step)
    children_.push_back(nodes[child]);
  return children_;
}

}  // namespace penstock
