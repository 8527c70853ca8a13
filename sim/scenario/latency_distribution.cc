// From the histogram's buckets to those that are in use.
#include "sim/scenario/latency_distribution.h"

namespace penstock {

LatencyDistribution distribution_of(const LatencyHistogram& times) {
  const auto percentile = [&times](double share) {
    return static_cast<std::uint64_t>(times.percentile(share));
  };
  LatencyDistribution found{.count = times.count(),
                            .p50 = percentile(0.5),
                            .p90 = percentile(0.9),
                            .p99 = percentile(0.99),
                            .p999 = percentile(0.999),
                            .max = static_cast<std::uint64_t>(times.max())};
  times.for_each([&found](Nanoseconds at_most, std::uint64_t count) {
    found.histogram.push_back({static_cast<std::uint64_t>(at_most), count});
  });
  return found;
}

}  // namespace penstock
