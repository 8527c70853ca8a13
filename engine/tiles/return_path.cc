// Putting the way back together.
#include "engine/tiles/return_path.h"

#include <utility>

namespace penstock {
namespace {

// A wake-up costs about as much as three frames. At 50,000 frames/s a shortest sleep of 250 µs makes it one a
// dozen frames, 14 % of a core where 100 µs took 21 % (return_path_bench.cc, quiet machine, in turns); the
// longest is what a quiet host's first frame waits.
TileThreadConfig thread_config(int cpu) {
  return {.name = "pen-return",
          .cpu = cpu,
          .spins = 16,
          .shortest_sleep = 250 * kMicrosecond,
          .longest_sleep = kMillisecond};
}

}  // namespace

ReturnPath::ReturnPath(const ReturnPathConfig& config, const FrameMemory& memory, EngineClock clock,
                       TapDevice tap)
    : lines_(config.depth),
      link_(lines_.lines(),
            [&config](std::uint64_t i) {
              Frag frag;
              frag.frame = config.first_frame + static_cast<std::uint32_t>(i);
              return frag;
            }),
      tap_(std::move(tap)),
      tile_(lines_.lines(), memory, tap_, clock) {}

Result<std::unique_ptr<ReturnPath>> ReturnPath::start(const ReturnPathConfig& config,
                                                      const FrameMemory& memory, EngineClock clock) {
  Result<TapDevice> tap = TapDevice::open(config.original_interface, config.privileges);
  if (!tap) return tl::unexpected(tap.error());
  std::unique_ptr<ReturnPath> path(new ReturnPath(config, memory, clock, std::move(*tap)));
  Result<TileThread> thread = TileThread::start(path->tile_, thread_config(config.cpu));
  if (!thread) return fail("start the return tile", thread.error());
  path->thread_ = std::make_unique<TileThread>(std::move(*thread));
  return path;
}

void ReturnPath::stop() {
  thread_->stop();
}

}  // namespace penstock
