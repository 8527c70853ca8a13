// A steady load, for as long as it takes to believe it: each contestant receives so many frames a second, and
// every counter of a loss on the way is looked at.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/paths/comparison.h"
#include "bench/paths/trial.h"
#include "engine/base/result.h"

namespace penstock {

struct SteadyRun {
  std::string name{};
  Trial trial{};

  // The sender met its rate in 95 % of the windows of 10 ms: otherwise the run proves nothing.
  bool valid() const { return trial.windows_met >= 0.95; }
  // Every datagram that was offered came, and no counter of a loss has moved, the host's frames included.
  bool lossless() const;
};

// Each of the contestants that `config` names, config.rounds times in turns, at `pps` frames a second.
Result<std::vector<SteadyRun>> run_steady(const ComparisonConfig& config, std::uint64_t pps,
                                          const std::function<void(const std::string&)>& progress);

std::string to_table(const ComparisonConfig& config, std::uint64_t pps, const std::vector<SteadyRun>& runs);

}  // namespace penstock
