// Drawing the progress line.
#include "sim/commands/progress.h"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

namespace penstock {
namespace {

constexpr Nanoseconds kRedraw = 100 * kMillisecond;
constexpr const char* kClearLine = "\r\033[K";

}  // namespace

ProgressLine::ProgressLine(bool wanted) : wanted_(wanted), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (wanted_ && terminal_) std::fputs(kClearLine, stderr);
}

void ProgressLine::show(const std::string& phase, std::uint64_t done, std::uint64_t of) {
  if (!wanted_) return;
  const std::lock_guard lock(mutex_);
  const Nanoseconds now = MonotonicClock().now();
  const bool new_phase = phase != phase_;
  if (new_phase) {
    phase_ = phase;
    phase_started_ = now;
  }
  if (!terminal_) {
    if (new_phase) fmt::print(stderr, "runner: {}\n", phase);
    return;
  }
  if (!new_phase && now - last_shown_ < kRedraw && done != of) return;
  last_shown_ = now;
  fmt::print(stderr, "{}runner: {}", kClearLine, phase);
  if (of != 0) {
    fmt::print(stderr, " {} of {} frames ({} %)", done, of, done * 100 / of);
    const Nanoseconds spent = now - phase_started_;
    if (done != 0 && done < of) {
      const auto left =
          static_cast<double>(spent) / static_cast<double>(done) * static_cast<double>(of - done);
      fmt::print(stderr, ", {:.0f} s left", left / kSecond);
    }
  }
  std::fflush(stderr);
}

}  // namespace penstock
