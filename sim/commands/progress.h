// Live progress of a long command, on stderr: one line that is rewritten on a terminal, plain lines
// elsewhere (one a phase), nothing when it is not wanted.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "engine/base/clock.h"

namespace penstock {

// Thread safety: show() from any thread.
class ProgressLine {
 public:
  // `wanted` false: prints nothing.
  explicit ProgressLine(bool wanted);
  ~ProgressLine();  // clears the line on a terminal

  // Shows a phase and how far it is; `of` 0 when that is not known. Rewrites at most ten times a second.
  void show(const std::string& phase, std::uint64_t done, std::uint64_t of);

 private:
  bool wanted_;
  bool terminal_;
  std::mutex mutex_;
  std::string phase_;
  Nanoseconds phase_started_ = 0;
  Nanoseconds last_shown_ = 0;
};

}  // namespace penstock
