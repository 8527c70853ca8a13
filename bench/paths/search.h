// The highest rate that passes, as RFC 2544 asks for it and MLRsearch (draft-ietf-bmwg-mlrsearch) tempers it
// for machines that are not still: a rate passes when two of at most three trials do.
//
// NDR: the highest rate without any loss. PDR: with at most 0.5 % of loss. Stop rule: the interval between
// the highest rate that passed and the lowest that did not is at most `precision` of the latter. What is
// returned is its lower end.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/base/result.h"

namespace penstock {

struct SearchConfig {
  std::uint64_t lowest = 10'000;       // frames a second; when it does not pass the answer is 0
  std::uint64_t highest = 10'000'000;  // not tried: more than the sender or the path can do
  double precision = 0.03;
};

// `trial`: whether one trial at the rate passed.
Result<std::uint64_t> highest_passing(const SearchConfig& config,
                                      const std::function<Result<bool>(std::uint64_t)>& trial);

}  // namespace penstock
