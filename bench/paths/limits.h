// What each way can do at most (rate_search.h), and how old datagrams are at a tenth, a half and nine tenths
// of it: the whole of one machine's answer, by one run.
//
// The frames are stamped in all of it, so that nothing changes between search and ages. Searches take turns,
// one of each way a round; so do the ages behind them, at shares of the median NDR. A way without an NDR,
// which a machine that stands still for longer than a ring lasts makes of any, has no ages.
//
// Thread safety: one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/paths/comparison.h"
#include "bench/paths/latency.h"
#include "bench/paths/rate_search.h"
#include "bench/paths/sample.h"
#include "engine/base/result.h"

namespace penstock {

struct LimitsConfig {
  ComparisonConfig comparison{};  // its stage's coupling is not looked at
  std::vector<Coupling> couplings{Coupling::kCoupled};
  RateSearchConfig search{};  // but for where it begins
};

struct WayLimits {
  std::string way{};
  Sample flat_out{};    // datagrams a second, delivered
  Sample ndr{}, pdr{};  // frames a second; one a round, 0 where not even the lowest rate passed
  int trials = 0;
};

struct CouplingLimits {
  Coupling coupling{};
  std::string place{};  // place_of() the stage
  std::vector<WayLimits> ways{};
  LatencyRuns latency{};
};

struct Limits {
  LimitsConfig config{};
  std::string kernel{};
  std::vector<CouplingLimits> couplings{};
};

Result<Limits> run_limits(const LimitsConfig& config,
                          const std::function<void(const std::string&)>& progress);

// NDR and PDR of one way, by one search that begins at `first`.
Result<FoundRates> find_rates(const Stage& stage, const Contestant& contestant, RateSearchConfig config,
                              double first, Nanoseconds trial);

std::string to_table(const Limits& limits);
std::string to_json(const Limits& limits);

}  // namespace penstock
