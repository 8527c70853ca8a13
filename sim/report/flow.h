// Where each frame of a path went: from offered to what the shred stage made of it, as a flow graph.
//
//   offered ─┬─ taken ──── delivered ─┬─ accepted
//            │             ╱           ├─ duplicate, late, held
//            ├─ passed ─╱─ {reason}    └─ discarded: {reason}
//            └─ lost ───── {cause}
//
// Every number is one of the result's own or a sum of such; none is a remainder. `taken` is what was
// delivered less what came by the companion socket (the slow way); the dashed link passed → delivered is the
// slow way. It counts datagrams, while `passed` counts frames: three fragments that passed can be one
// datagram. So what leaves a node may differ from what enters it where there is a slow way, and a loss behind
// the slow way is behind `passed` too. The accounts that close exactly are law 2's, among the run's checks.
//
// Thread safety: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario/result.h"

namespace penstock {

enum class FlowTone : std::uint8_t { kPlain, kGood, kAside, kBad };  // how a node is coloured

struct FlowNode {
  std::string name;
  std::uint64_t count = 0;
  int column = 0;  // 0 is leftmost
  FlowTone tone = FlowTone::kPlain;
};

struct FlowLink {
  std::size_t from = 0, to = 0;  // indices of nodes; `to` is in a column further right
  std::uint64_t count = 0;
  bool slow_way = false;
};

struct Flow {
  std::vector<FlowNode> nodes;  // in drawing order: by column, then from top to bottom
  std::vector<FlowLink> links;
};

// Nodes and links of count 0 are left out, but for `offered` and `delivered`.
Flow flow_of(const PathResult& path);

}  // namespace penstock
