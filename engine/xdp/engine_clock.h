// One hand of the dead-man's switch of take_all (bpf/take_all.h): a tile says "I am going round" by
// writing the time into the XDP program's memory. When the older of the net tile's and the return
// tile's is more than 100 ms old, the program leaves every frame to the host's stack.
//
// A store into mapped memory, no system call; and only when the time has changed, so that with a coarse
// clock the line that the program reads for every frame moves between cores a few hundred times a
// second at most.
//
// Ownership: points into the memory of a ReceiverProgram, which must outlive it. Thread safety: one
// clock, one thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "bpf/take_all.h"
#include "engine/base/clock.h"

namespace penstock {

class EngineClock {
 public:
  // A clock that nobody reads.
  EngineClock() = default;
  explicit EngineClock(__u64& word) : word_(&word) {}

  // now: CLOCK_MONOTONIC; the coarse one (CoarseClock) is what it is meant for.
  void beat(Nanoseconds now) {
    if (now == last_ || word_ == nullptr) return;
    last_ = now;
    write(static_cast<std::uint64_t>(now));
  }
  // From now on this tile is never late: there is none, or it has no say.
  void excuse() {
    if (word_ != nullptr) write(PENSTOCK_NO_TILE);
  }

 private:
  void write(std::uint64_t value) { std::atomic_ref(*word_).store(value, std::memory_order_relaxed); }

  __u64* word_ = nullptr;
  Nanoseconds last_ = 0;
};

}  // namespace penstock
