// The nodes that a receiver gets its shreds from in Turbine. The parent of rank r (from 0) has weight
// 1 / (r + 30), which gives, with 750 parents, 544 distinct ones for 1,600 shreds, 1.0 % from the first and
// 8.9 % from the first ten: a fit to the mainnet stake distribution of epoch 454 with fan-out 200.
// One address each, from 198.18.0.1 on (RFC 2544's benchmark network), source port 8006 as Agave's.
//
// Thread safety: immutable after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/random.h"
#include "engine/packet/address.h"

namespace penstock {

class Parents {
 public:
  static constexpr std::size_t kMax = 65'534;

  explicit Parents(std::size_t count);

  std::size_t count() const { return cumulative_.size(); }
  // The rank of one parent; one draw from `random`.
  std::uint16_t draw(Random& random) const;
  // Some parent other than `rank`, unless there is only one.
  std::uint16_t draw_other(Random& random, std::uint16_t rank) const;

  static Endpoint endpoint(std::uint16_t rank);

 private:
  std::vector<std::uint64_t> cumulative_;  // of the weights, in rank order
};

}  // namespace penstock
