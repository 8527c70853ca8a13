// A histogram of times as a result keeps it.
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/latency_histogram.h"

namespace penstock {

// All times in nanoseconds. Percentiles are at most 3.2 % too high, the greatest is exact
// (engine/base/latency_histogram.h).
struct LatencyDistribution {
  struct Bucket {
    std::uint64_t at_most = 0;
    std::uint64_t count = 0;
    bool operator==(const Bucket&) const = default;
  };

  std::uint64_t count = 0;  // of the times; 0 in files of older runners, which had percentiles alone
  std::uint64_t p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0;
  std::vector<Bucket> histogram{};  // those with a count, ascending

  bool operator==(const LatencyDistribution&) const = default;
};

LatencyDistribution distribution_of(const LatencyHistogram& times);

}  // namespace penstock
