// How long a hop took (engine/tiles/link_marks.h), in buckets of a factor of two: 1 us, 2 us, 4 us, ...,
// 131 ms, and anything.
//
// As with a Prometheus histogram a bucket counts all that took no longer than its bound, so that the last one
// has them all; histogram_quantile() takes the counters as they are.
//
// Thread safety: constants and pure functions.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "engine/base/clock.h"

namespace penstock {

inline constexpr std::size_t kHopBuckets = 19;

// The longest that `bucket` counts. REQUIRES: not the last one, which has no bound.
constexpr Nanoseconds hop_bound(std::size_t bucket) {
  return kMicrosecond << bucket;
}

// The first bucket that counts `took`; what is negative counts as 0.
constexpr std::size_t hop_bucket_of(Nanoseconds took) {
  const auto whole = static_cast<std::uint64_t>(std::max<Nanoseconds>(took - 1, 0) / kMicrosecond);
  return std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(whole)), kHopBuckets - 1);
}

}  // namespace penstock
