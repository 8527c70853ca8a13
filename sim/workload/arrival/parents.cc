// Weighted choice by binary search over cumulative integer weights.
#include "sim/workload/arrival/parents.h"

#include <algorithm>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr std::uint64_t kWeightScale = std::uint64_t{1} << 40;
constexpr std::uint64_t kRankOffset = 30;
constexpr std::uint32_t kFirstAddress = 0xc6120001;  // 198.18.0.1
constexpr std::uint16_t kTurbineSourcePort = 8006;

}  // namespace

Parents::Parents(std::size_t count) {
  PENSTOCK_CHECK(count > 0 && count <= kMax);
  std::uint64_t total = 0;
  for (std::size_t rank = 0; rank < count; ++rank) {
    total += kWeightScale / (rank + kRankOffset);
    cumulative_.push_back(total);
  }
}

std::uint16_t Parents::draw(Random& random) const {
  const std::uint64_t point = random.below(cumulative_.back());
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), point);
  return static_cast<std::uint16_t>(found - cumulative_.begin());
}

std::uint16_t Parents::draw_other(Random& random, std::uint16_t rank) const {
  const std::uint16_t other = draw(random);
  return other != rank ? other : static_cast<std::uint16_t>((other + 1u) % count());
}

Endpoint Parents::endpoint(std::uint16_t rank) {
  return {Ipv4Address::from_host(kFirstAddress + rank), kTurbineSourcePort};
}

}  // namespace penstock
