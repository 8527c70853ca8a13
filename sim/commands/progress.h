// Live progress of a long command, on stderr: one line that is rewritten on a terminal, plain lines
// elsewhere, nothing when it is not wanted.
//
//   runner: kernel_filter: sending 12,000 of 40,000 frames (30 %), 39,980 frames/s, 0 lost, 1 s left
//
// Elsewhere a phase has a line when it begins, one every ten seconds, and one when all of it is done.
#pragma once

#include <cstdint>
#include <cstdio>
#include <mutex>

#include "engine/base/clock.h"
#include "sim/scenario/progress.h"

namespace penstock {

// Thread safety: show() from any thread.
class ProgressLine {
 public:
  // `wanted` false: prints nothing.
  explicit ProgressLine(bool wanted);
  // Over another stream and clock, both borrowed.
  ProgressLine(std::FILE* to, bool terminal, const Clock& clock);
  ~ProgressLine();  // clears the line on a terminal

  // Rewrites at most ten times a second. The rate is that of the last second, and in the end that of the
  // phase.
  void show(const ProgressPoint& point);

 private:
  bool begin_phase(const ProgressPoint& point, Nanoseconds now);
  void measure(const ProgressPoint& point, Nanoseconds now);

  MonotonicClock monotonic_;
  const Clock& clock_ = monotonic_;
  std::FILE* to_;  // null: not wanted
  bool terminal_;
  std::mutex mutex_;
  std::string phase_;
  Nanoseconds phase_started_ = 0;
  std::uint64_t done_at_start_ = 0;
  bool finished_ = false;  // the phase's last line is out
  Nanoseconds window_started_ = 0;
  std::uint64_t done_at_window_ = 0;
  std::uint64_t rate_ = 0;  // a second; 0: not measured yet
  Nanoseconds last_shown_ = 0;
};

}  // namespace penstock
