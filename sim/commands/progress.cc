// Drawing the progress line.
#include "sim/commands/progress.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "sim/scenario/text.h"

namespace penstock {
namespace {

constexpr Nanoseconds kRedraw = 100 * kMillisecond;
constexpr Nanoseconds kPlainEvery = 10 * kSecond;
constexpr Nanoseconds kRateWindow = kSecond;
constexpr const char* kClearLine = "\r\033[K";

std::uint64_t rate_of(std::uint64_t count, Nanoseconds time) {
  return time <= 0
             ? 0
             : static_cast<std::uint64_t>(static_cast<double>(count) * kSecond / static_cast<double>(time));
}

std::string text_of(const ProgressPoint& point, std::uint64_t rate) {
  std::string text = point.phase;
  if (point.of == 0) return text;
  text += fmt::format(" {} of {} {} ({} %)", grouped(point.done), grouped(point.of), point.unit,
                      point.done * 100 / point.of);
  if (rate != 0) text += fmt::format(", {} {}/s", grouped(rate), point.unit);
  if (point.lost) text += fmt::format(", {} lost", grouped(*point.lost));
  if (rate != 0 && point.done < point.of)
    text += fmt::format(", {} s left", (point.of - point.done + rate - 1) / rate);
  return text;
}

}  // namespace

ProgressLine::ProgressLine(bool wanted)
    : to_(wanted ? stderr : nullptr), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::ProgressLine(std::FILE* to, bool terminal, const Clock& clock)
    : clock_(clock), to_(to), terminal_(terminal) {}

ProgressLine::~ProgressLine() {
  if (to_ != nullptr && terminal_) std::fputs(kClearLine, to_);
}

// Whether this point is the first of another phase.
bool ProgressLine::begin_phase(const ProgressPoint& point, Nanoseconds now) {
  if (point.phase == phase_) return false;
  phase_ = point.phase;
  phase_started_ = window_started_ = now;
  done_at_start_ = done_at_window_ = point.done;
  rate_ = 0;
  finished_ = false;
  return true;
}

void ProgressLine::measure(const ProgressPoint& point, Nanoseconds now) {
  if (point.done == point.of || now - phase_started_ < kRateWindow) {
    rate_ = rate_of(point.done - done_at_start_, now - phase_started_);
  } else if (now - window_started_ >= kRateWindow) {
    rate_ = rate_of(point.done - done_at_window_, now - window_started_);
  } else {
    return;
  }
  if (now - window_started_ < kRateWindow) return;
  window_started_ = now;
  done_at_window_ = point.done;
}

void ProgressLine::show(const ProgressPoint& point) {
  if (to_ == nullptr) return;
  const std::lock_guard lock(mutex_);
  const Nanoseconds now = clock_.now();
  const bool first = begin_phase(point, now);
  measure(point, now);
  const bool complete = point.of != 0 && point.done == point.of && !finished_;
  if (!first && !complete && now - last_shown_ < (terminal_ ? kRedraw : kPlainEvery)) return;
  last_shown_ = now;
  finished_ = finished_ || complete;
  if (terminal_) {
    fmt::print(to_, "{}runner: {}", kClearLine, text_of(point, rate_));
  } else {
    fmt::print(to_, "runner: {}\n", first ? point.phase : text_of(point, rate_));
  }
  std::fflush(to_);
}

}  // namespace penstock
