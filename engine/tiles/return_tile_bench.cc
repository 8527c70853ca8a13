// What the way back costs: the return tile on its thread, fed at a fixed rate, into a TAP and on to a
// veth interface that has a socket's worth of work behind it (the frames are UDP to a closed port).
//
//   ci/bazel/in_netns.sh bazel-bin/engine/tiles/return_tile_bench [frames a second] [seconds]
//
// Prints CPU time of the tile's thread (user, system, and the receive softirq that the kernel runs in the
// same thread on the way out of write()), per frame and as a share of a core. Needs root.
#include <net/if.h>
#include <time.h>

#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "engine/tiles/return_tile.h"
#include "engine/tiles/tap_device.h"
#include "engine/tiles/tile_thread.h"

namespace {

using namespace penstock;  // NOLINT(google-build-using-namespace): this file is one program

constexpr std::uint32_t kDepth = 4096;
constexpr std::uint16_t kFrameBytes = 1245;

// Sleeps to the next millisecond and publishes what is due by then.
void feed(McacheProducer<Frag>& link, std::uint64_t rate, std::uint64_t seconds) {
  const MonotonicClock clock;
  const Nanoseconds start = clock.now();
  std::uint32_t free = kDepth;
  for (std::uint64_t sent = 0; sent < rate * seconds;) {
    const auto due = static_cast<std::uint64_t>(clock.now() - start) * rate / kSecond;
    for (; sent < due && sent < rate * seconds; ++sent) {
      Frag frag;
      frag.frame = free;
      frag.offset = kXdpHeadroom;
      frag.length = kFrameBytes;
      free = link.publish(frag).frame;
    }
    const timespec pause{0, kMillisecond};
    nanosleep(&pause, nullptr);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t rate = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50'000;
  const std::uint64_t seconds = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 5;
  if (std::system("ip link add name pba type veth peer name pbb && ip link set dev pba up && "
                  "ip link set dev pbb up && ip addr add 10.1.0.2/24 dev pba") != 0)
    return 1;
  Result<TapDevice> tap = TapDevice::open(if_nametoindex("pba"));
  if (!tap) {
    fmt::print(stderr, "{}\n", tap.error().message());
    return 1;
  }
  const Umem umem = *Umem::create(kDepth + 1);
  // UDP to an address of ours and a port that nobody listens on, with a broadcast-free MAC of no one: the
  // stack drops it after the look at its MAC, so the figure is the way back and not the stack's own work.
  for (std::uint32_t frame = 0; frame <= kDepth; ++frame) {
    std::byte* at = umem.memory().base + umem.memory().address_of(frame) + kXdpHeadroom;
    std::memset(at, 0x42, kFrameBytes);
    at[12] = std::byte{0x08};
    at[13] = std::byte{0x00};
  }
  const McacheMemory lines(kDepth);
  McacheProducer<Frag> link(lines.lines(), [](std::uint64_t i) {
    Frag frag;
    frag.frame = static_cast<std::uint32_t>(i);
    return frag;
  });
  ReturnTile tile(lines.lines(), umem.memory(), *tap, EngineClock());
  Result<TileThread> thread = TileThread::start(tile, {.name = "return"});
  if (!thread) return 1;
  const timespec second{1, 0};
  const Nanoseconds before = *thread->cpu_time();
  nanosleep(&second, nullptr);
  const Nanoseconds idle = *thread->cpu_time() - before;
  const Nanoseconds start = *thread->cpu_time();
  feed(link, rate, seconds);
  const Nanoseconds used = *thread->cpu_time() - start;
  thread->stop();
  const CounterSnapshot c = tile.counters().snapshot();
  const double share = static_cast<double>(used) / static_cast<double>(seconds) / 1e9;
  fmt::print("{} frames/s of {} bytes for {} s: {:.0f} ns a frame, {:.1f} % of a core; idle {:.1f} %\n", rate,
             kFrameBytes, seconds, static_cast<double>(used) / static_cast<double>(link.next()), 100 * share,
             static_cast<double>(idle) / 1e7);
  fmt::print("returned {} = written {} + overrun {} + tap_error {}\n", link.next(),
             c.get(Counter::kReturnWritten), c.overrun(Consumer::kReturn), c.get(Counter::kTapError));
  return 0;
}
