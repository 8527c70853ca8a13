// The highest number that passes a trial, on a machine that is not still: a number passes when two of at most
// three trials do. It is halved to `precision`. For rates, which have several goals: rate_search.h.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/base/result.h"

namespace penstock {

struct SearchConfig {
  std::uint64_t lowest = 10'000;       // when it does not pass the answer is 0
  std::uint64_t highest = 10'000'000;  // not tried
  double precision = 0.03;
};

// `trial`: whether one trial of the number passed.
Result<std::uint64_t> highest_passing(const SearchConfig& config,
                                      const std::function<Result<bool>(std::uint64_t)>& trial);

}  // namespace penstock
