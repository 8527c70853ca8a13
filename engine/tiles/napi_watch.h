// Notices that the kernel receives on the very core on which a net thread asks for frames.
//
// There a thread that goes on asking takes half of the core from NAPI, which then overflows the RX ring in
// the slices that it gets: four to five times less arrives than with a thread that sleeps. (Measured with
// threaded NAPI on the tile's core, spinning against poll(): reference/afxdp.md, section 7.2.) It is told by
// the XDP program's counts, which are kept per CPU: where frames are counted, there NAPI runs.
//
//   net thread, as often as it keeps house  ->  look(now, its CPU, frames of each CPU)  ->  a change, or
//   nothing
//
// Judged over windows of kWindow, since an unpinned thread moves: the frames that were counted on the CPU
// where the thread was found behind them. A window with fewer than kLeastFrames says nothing. It takes one
// window to find the core shared, and kQuietWindows in which it is not to take that back.
//
// Thread safety: none.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/clock.h"

namespace penstock {

class NapiWatch {
 public:
  static constexpr Nanoseconds kWindow = kSecond;
  static constexpr std::uint64_t kLeastFrames = 1'000;
  static constexpr std::uint64_t kShare =
      10;  // one frame in so many on our core is enough: its queue suffers
  static constexpr int kQuietWindows = 10;

  // `frames`: of each CPU, counted since the start; CPUs that appear later count from then on. Returns
  // whether the core is shared when that has changed.
  std::optional<bool> look(Nanoseconds now, unsigned cpu, std::span<const std::uint64_t> frames);

  bool shared() const { return shared_; }

 private:
  std::optional<bool> end_window();

  std::vector<std::uint64_t> seen_;
  Nanoseconds window_began_ = 0;
  std::uint64_t all_ = 0;  // in this window
  std::uint64_t ours_ = 0;
  int quiet_ = 0;
  bool shared_ = false;
};

}  // namespace penstock
