// The highest rates with no loss (NDR) and with little (PDR), as MLRsearch (draft-ietf-bmwg-mlrsearch) finds
// them: several goals by one search, whose trials count for all of them.
//
// A goal is a share of loss. A rate passes a goal when two of at most three trials at it lose no more: the
// draft's duration sum of three trials and exceed ratio of a half, ended as soon as the rest cannot change
// it. Where the sender missed its rate a trial fails every goal.
//
//   1. The rate that arrived flat out is the first candidate of the first goal; the next goal begins where
//      the one before ended.
//   2. From a candidate outwards, up while it passes and down while it fails, each step twice as wide as
//      the one before, until a rate that passes lies below one that fails.
//   3. Halve between these (by the geometric mean) until the interval is at most `width` of its upper end:
//      the stop rule. What a goal gets is both ends.
//
// Frames of a burst are searched for in the same way (bursts.h).
//
// Departures from the draft: trials are of one length, and the conditional throughput is not reported.
//
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace penstock {

inline constexpr double kNoLoss = 0;
inline constexpr double kPartialLoss = 0.005;  // what PDR allows

struct RateSearchConfig {
  double first = 1'000'000;            // frames a second
  std::uint64_t lowest = 10'000;       // below it nothing is looked for: 0 is the answer
  std::uint64_t highest = 20'000'000;  // beyond any sender of ours
  double width = 0.03;
};

struct RateBounds {
  std::uint64_t lower = 0;  // passes: the answer. 0: not even the lowest rate does
  std::uint64_t upper = 0;  // fails. 0: not even the highest rate does
};

struct FoundRates {
  std::vector<RateBounds> bounds{};  // of each goal
  int trials = 0;
};

// `losses`: shares of loss, ascending. `trial`: what one trial at a rate lost, above 1 where the rate was
// missed.
Result<FoundRates> search_rates(const RateSearchConfig& config, std::span<const double> losses,
                                const std::function<Result<double>(std::uint64_t)>& trial);

// The stop rule in a sentence, for reports.
std::string stop_rule(const RateSearchConfig& config, double seconds_a_trial);

}  // namespace penstock
