// Time for the engine. Product code reads time only through a Clock&, so that a test or the
// simulator can own it.
#pragma once

#include <cstdint>

namespace penstock {

// Nanoseconds on some monotonic scale; only differences mean anything.
using Nanoseconds = std::int64_t;

inline constexpr Nanoseconds kMicrosecond = 1'000;
inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1'000'000'000;

// Thread safety: now() may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Nanoseconds now() const = 0;
};

// CLOCK_MONOTONIC: the clock that bpf_ktime_get_ns() reads too.
class MonotonicClock final : public Clock {
 public:
  Nanoseconds now() const override;
};

// CLOCK_MONOTONIC as of the last tick, up to 10 ms behind it, for a fraction of the price: what
// bpf_ktime_get_coarse_ns() reads too.
class CoarseClock final : public Clock {
 public:
  Nanoseconds now() const override;
};

// Stands still until it is moved. Single-threaded.
class ManualClock final : public Clock {
 public:
  Nanoseconds now() const override { return now_; }
  void advance(Nanoseconds by) { now_ += by; }

 private:
  Nanoseconds now_ = 0;
};

}  // namespace penstock
