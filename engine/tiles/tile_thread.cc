// The loop, its idling, and its end.
#include "engine/tiles/tile_thread.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <future>
#include <utility>

#include "engine/base/wait.h"
#include "engine/tiles/thread_setup.h"

namespace penstock {
namespace {

constexpr Nanoseconds kStopPatience = 50 * kMillisecond;

void run(Tile& tile, const TileThreadConfig& config, Heartbeat& heartbeat, const std::stop_token& token) {
  const CoarseClock clock;
  int idle = 0;
  Nanoseconds pause = config.shortest_sleep;
  while (!token.stop_requested()) {
    heartbeat.beat();
    if (tile.step(clock.now()) != 0) {
      idle = 0;
      pause = config.shortest_sleep;
    } else if (++idle > config.spins) {
      sleep_for(pause);
      pause = std::min(2 * pause, config.longest_sleep);
    }
  }
  const MonotonicClock exact;
  const Nanoseconds deadline = exact.now() + kStopPatience;
  while (exact.now() < deadline && tile.step(clock.now()) != 0) {
  }
}

}  // namespace

Result<TileThread> TileThread::start(Tile& tile, const TileThreadConfig& config) {
  std::promise<Status> started;
  std::future<Status> pinned = started.get_future();
  auto heartbeat = std::make_unique<Heartbeat>();
  std::jthread thread([&tile, config, &heart = *heartbeat,
                       started = std::move(started)](const std::stop_token& token) mutable {
    const Status status = set_up_thread(config.name, config.cpu, config.opens_files);
    const bool ok = status.has_value();
    started.set_value(status);
    if (ok) run(tile, config, heart, token);
  });
  if (Status s = pinned.get(); !s) return tl::unexpected(s.error());
  return TileThread(std::move(heartbeat), std::move(thread));
}

void TileThread::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

Result<Nanoseconds> TileThread::cpu_time() {
  clockid_t clock{};
  timespec t{};
  if (const int code = pthread_getcpuclockid(thread_.native_handle(), &clock); code != 0)
    return fail("find a tile's CPU clock", code);
  if (clock_gettime(clock, &t) != 0) return fail("read a tile's CPU clock", errno);
  return static_cast<Nanoseconds>(t.tv_sec) * kSecond + t.tv_nsec;
}

}  // namespace penstock
