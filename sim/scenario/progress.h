// How far a long command is: what a progress line shows (sim/commands/progress.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

struct ProgressPoint {
  std::string phase{};                  // "kernel_filter: sending"
  std::uint64_t done = 0, of = 0;       // both 0: not known
  std::string_view unit = "frames";     // of both; a literal
  std::optional<std::uint64_t> lost{};  // so far, by the engine's own counters; none: nobody counts
};

// Called as a run goes on, from any thread, one at a time.
using RunProgress = std::function<void(const ProgressPoint& point)>;

}  // namespace penstock
