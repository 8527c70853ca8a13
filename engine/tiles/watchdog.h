// Notices within a second that a tile stands still: hung in a call, in a loop that does not come round, or
// ended without a word.
//
//   supervising thread: every kPeriod  ->  watchdog.round(now)  ->  tiles that have just been found to stand
//
// A tile stands when its heartbeat has not moved in kRounds rounds of the watchdog, one after the other:
// 0.8 s, 0.9 s at most, while the longest that a sound tile sleeps is 20 ms (NetThread::kLongestWait).
//
// A machine that stands still must not look like a tile that does. Time is therefore not measured but counted
// in rounds, the watchdog's own progress: a virtual machine's pause, or a SIGSTOP of the process, stops both.
// A round that comes more than kPeriod late says that the watchdog itself was kept from running, and counts
// against nobody. So a tile that hangs on a machine that stutters is noticed later, never wrongly.
//
// What it cannot see: a tile that comes round and does nothing. A tile that dies by a failed check or a
// signal needs no watchdog: that ends the process.
//
// Ownership: borrows heartbeats, and raises tile_stalls in its own counters. Thread safety: one thread
// watches and calls round(); counters() from any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/metrics/counters.h"
#include "engine/tiles/heartbeat.h"

namespace penstock {

// How `top -H` shows the n-th thread of a kind: "pen-net", "pen-net1".
std::string thread_name(TileKind tile, std::size_t number = 0);

class Watchdog {
 public:
  static constexpr Nanoseconds kPeriod = 100 * kMillisecond;
  static constexpr int kRounds = 8;

  struct Change {
    TileKind tile;
    std::size_t number;  // of those of its kind, in the order of watch()
    bool stands;         // false: it stood, and goes on
    bool operator==(const Change&) const = default;
  };

  void watch(TileKind tile, const Heartbeat& heartbeat);

  // When the next round is due, in the clock of round()'s `now`; 0 before the first.
  Nanoseconds due() const { return due_; }

  // Looks at every tile, if a round is due. Returns what has changed. `now`: CLOCK_MONOTONIC.
  std::vector<Change> round(Nanoseconds now);

  const Counters& counters() const { return counters_; }

 private:
  struct Watched {
    TileKind tile;
    std::size_t number;
    const Heartbeat* heartbeat;
    std::uint64_t seen;
    int still = 0;  // rounds without a beat
  };

  std::vector<Watched> watched_;
  Nanoseconds due_ = 0;
  Counters counters_;
};

}  // namespace penstock
