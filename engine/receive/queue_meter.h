// Measures how busy one RX ring is: what its net thread takes, and how full it has been.
//
//   net thread, each batch: add()      once in a while: turn()      any thread: frames(), most_waiting()
//
// How full: each time that the net thread looks how far the kernel has come, what then waits in the ring. The
// most of a window of kWindow is kept, and that of the window before, so that any number of readers see the
// same, at any time: a peak stands for one window at least, and for two at most.
//
// The cost is two stores a batch, to a cache line of its own, and nothing a frame.
//
// Thread safety: add() and turn() by one thread; the rest by any. Relaxed: nothing is published with it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "engine/base/clock.h"

namespace penstock {

class alignas(64) QueueMeter {
 public:
  static constexpr Nanoseconds kWindow = kSecond;

  // `taken` of the `waiting` frames that were seen in the ring.
  void add(std::uint32_t taken, std::uint32_t waiting) {
    frames_.store(frames() + taken, std::memory_order_relaxed);
    if (waiting > most_.load(std::memory_order_relaxed)) most_.store(waiting, std::memory_order_relaxed);
  }

  // Begins another window when this one is over. `now`: of any monotonic clock, always the same.
  void turn(Nanoseconds now) {
    if (now - begun_ < kWindow) return;
    begun_ = now;
    before_.store(most_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    most_.store(0, std::memory_order_relaxed);
  }

  std::uint64_t frames() const { return frames_.load(std::memory_order_relaxed); }
  std::uint32_t most_waiting() const {
    return std::max(most_.load(std::memory_order_relaxed), before_.load(std::memory_order_relaxed));
  }

 private:
  std::atomic<std::uint64_t> frames_{0};
  std::atomic<std::uint32_t> most_{0};    // of this window
  std::atomic<std::uint32_t> before_{0};  // of the one before
  Nanoseconds begun_ = 0;
};

}  // namespace penstock
