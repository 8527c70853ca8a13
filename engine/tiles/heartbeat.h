// A tile's sign of life: a count that its thread raises each time that it comes round. Who judges it:
// watchdog.h.
//
// beat() is an add and a store to a cache line of its own (about a nanosecond a batch), and no system call.
//
// Thread safety: beat() by the tile's thread only; beats() by any. Relaxed: nothing is published with it.
#pragma once

#include <atomic>
#include <cstdint>

namespace penstock {

class alignas(64) Heartbeat {
 public:
  void beat() { beats_.store(beats() + 1, std::memory_order_relaxed); }
  std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> beats_{0};
};

}  // namespace penstock
