// Counts of a result as nodes and links.
#include "sim/report/flow.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace penstock {
namespace {

constexpr int kOffered = 0, kJudged = 1, kDelivered = 2, kMeant = 3;  // columns

using CountMap = std::map<std::string, std::uint64_t>;

std::uint64_t sum_of(const CountMap& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& entry) { return sum + entry.second; });
}

class Builder {
 public:
  std::size_t node(std::string name, std::uint64_t count, int column, FlowTone tone) {
    flow_.nodes.push_back({std::move(name), count, column, tone});
    return flow_.nodes.size() - 1;
  }
  void link(std::size_t from, std::size_t to, std::uint64_t count, bool slow_way = false) {
    if (count != 0) flow_.links.push_back({from, to, count, slow_way});
  }
  // A node behind `from` that takes all of its own count from there; none for 0.
  void leaf(std::size_t from, std::string name, std::uint64_t count, int column, FlowTone tone) {
    if (count != 0) link(from, node(std::move(name), count, column, tone), count);
  }
  // One leaf a key, the largest first.
  void leaves(std::size_t from, const std::string& prefix, const CountMap& counts, int column,
              FlowTone tone) {
    std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [name, count] : sorted)
      leaf(from, prefix + name, count, column, tone);
  }
  // Sorted by column, since that is the drawing order; links follow their nodes.
  Flow finish() && {
    std::vector<std::size_t> order(flow_.nodes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return flow_.nodes[a].column < flow_.nodes[b].column;
    });
    Flow sorted;
    std::vector<std::size_t> place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      place[order[i]] = i;
      sorted.nodes.push_back(std::move(flow_.nodes[order[i]]));
    }
    for (const FlowLink& link : flow_.links)
      sorted.links.push_back({place[link.from], place[link.to], link.count, link.slow_way});
    return sorted;
  }

 private:
  Flow flow_;
};

}  // namespace

Flow flow_of(const PathResult& path) {
  Builder flow;
  const std::uint64_t passed = sum_of(path.passed), lost = sum_of(path.lost);
  const std::uint64_t taken = path.delivered - std::min(path.slow_way, path.delivered);
  const std::size_t offered = flow.node("offered", path.offered, kOffered, FlowTone::kPlain);
  const std::size_t delivered = flow.node("delivered", path.delivered, kDelivered, FlowTone::kGood);
  if (taken != 0) {
    const std::size_t node = flow.node("taken", taken, kJudged, FlowTone::kGood);
    flow.link(offered, node, taken);
    flow.link(node, delivered, taken);
  }
  if (passed != 0) {
    const std::size_t node = flow.node("passed", passed, kJudged, FlowTone::kAside);
    flow.link(offered, node, passed);
    flow.link(node, delivered, path.slow_way, true);
    flow.leaves(node, "", path.passed, kDelivered, FlowTone::kAside);
  }
  if (lost != 0) {
    const std::size_t node = flow.node("lost", lost, kJudged, FlowTone::kBad);
    flow.link(offered, node, lost);
    flow.leaves(node, "", path.lost, kDelivered, FlowTone::kBad);
  }
  if (path.shreds) {
    const ShredCounts& shreds = *path.shreds;
    flow.leaf(delivered, "accepted", shreds.accepted, kMeant, FlowTone::kGood);
    flow.leaf(delivered, "duplicate", shreds.duplicate, kMeant, FlowTone::kAside);
    flow.leaf(delivered, "late", shreds.late, kMeant, FlowTone::kAside);
    flow.leaf(delivered, "held", shreds.held, kMeant, FlowTone::kAside);
    flow.leaves(delivered, "discarded: ", shreds.discarded, kMeant, FlowTone::kAside);
  }
  return std::move(flow).finish();
}

}  // namespace penstock
