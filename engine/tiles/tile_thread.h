// Runs one tile on a thread of its own, in the network namespace of whoever starts it.
//
// Idling: a tile that finds nothing to do is asked again at once some times, then after sleeps that
// double up to `longest_sleep`; the first thing it finds ends that. Nobody has to wake it, so that what
// feeds it needs no system call. The longest sleep is the price in latency of a quiet link, and must
// stay far below the 50 ms that the dead-man's switch allows.
//
// Stopping: the tile is stepped until it is idle, so that what was in its link is not lost, for at most
// half of the 100 ms that a clean stop may take.
//
// Sign of life: heartbeat() moves at each step (watchdog.h).
//
// Thread safety: start and stop from one thread; cpu_time() from any, until stop(); heartbeat() from any.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/tiles/heartbeat.h"
#include "engine/tiles/tile.h"

namespace penstock {

struct TileThreadConfig {
  std::string name = "tile";  // as `top -H` shows it; the kernel keeps 15 characters
  int cpu = -1;               // to pin to; -1: anywhere
  int spins = 64;             // idle steps before the first sleep
  Nanoseconds shortest_sleep = 10 * kMicrosecond;
  Nanoseconds longest_sleep = 250 * kMicrosecond;
  bool opens_files = false;  // which a confined tile must not (engine/confine)
};

class TileThread {
 public:
  // The tile is borrowed and must outlive this. Errors: EINVAL for a CPU that is not there or not ours.
  static Result<TileThread> start(Tile& tile, const TileThreadConfig& config);

  TileThread(TileThread&&) noexcept = default;
  TileThread& operator=(TileThread&&) noexcept = default;
  ~TileThread() = default;  // stops

  // May be called again, to no effect.
  void stop();

  // CPU time that the thread has used, user and system.
  Result<Nanoseconds> cpu_time();

  // Stays where it is when this is moved.
  const Heartbeat& heartbeat() const { return *heartbeat_; }

 private:
  TileThread(std::unique_ptr<Heartbeat> heartbeat, std::jthread thread)
      : heartbeat_(std::move(heartbeat)), thread_(std::move(thread)) {}

  std::unique_ptr<Heartbeat> heartbeat_;
  std::jthread thread_;
};

}  // namespace penstock
