// Bisection in the logarithm of the rate.
#include "bench/paths/search.h"

#include <cmath>

namespace penstock {
namespace {

Result<bool> passes(std::uint64_t rate, const std::function<Result<bool>(std::uint64_t)>& trial) {
  for (int good = 0, bad = 0; good < 2 && bad < 2;) {
    const Result<bool> passed = trial(rate);
    if (!passed) return tl::unexpected(passed.error());
    (*passed ? good : bad) += 1;
    if (good == 2) return true;
  }
  return false;
}

}  // namespace

Result<std::uint64_t> highest_passing(const SearchConfig& config,
                                      const std::function<Result<bool>(std::uint64_t)>& trial) {
  std::uint64_t low = config.lowest, high = config.highest;
  const Result<bool> at_lowest = passes(low, trial);
  if (!at_lowest) return tl::unexpected(at_lowest.error());
  if (!*at_lowest) return 0;
  while (static_cast<double>(high - low) > config.precision * static_cast<double>(high)) {
    const auto middle =
        static_cast<std::uint64_t>(std::sqrt(static_cast<double>(low) * static_cast<double>(high)));
    // Close together the geometric mean is as good as the other one.
    const Result<bool> passed = passes(middle, trial);
    if (!passed) return tl::unexpected(passed.error());
    (*passed ? low : high) = middle;
  }
  return low;
}

}  // namespace penstock
