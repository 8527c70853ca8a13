// What the way back costs: the return tile on its thread, fed at a fixed rate, into a TAP and on to a
// veth interface that has a socket's worth of work behind it (the frames are UDP to a closed port).
//
//   ci/bazel/in_netns.sh bazel-bin/engine/tiles/return_path_bench [frames a second] [seconds]
//
// Prints CPU time of the tile's thread (user, system, and the receive softirq that the kernel runs in the
// same thread on the way out of write()), per frame and as a share of a core. Needs root.
#include <net/if.h>
#include <time.h>

#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "engine/base/wait.h"
#include "engine/tiles/return_path.h"

namespace {

using namespace penstock;  // NOLINT(google-build-using-namespace): this file is one program

constexpr std::uint32_t kDepth = 4096;
constexpr std::uint16_t kFrameBytes = 1245;

// Wakes every 60 µs or so and publishes what is due by then: a few frames at a time, as they come in life.
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
    sleep_for(50 * kMicrosecond);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t rate = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50'000;
  const std::uint64_t seconds = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 5;
  if (std::system("ip link add name pba type veth peer name pbb && ip link set dev pba up && "
                  "ip link set dev pbb up && ip addr add 10.1.0.2/24 dev pba") != 0)
    return 1;
  const Umem umem = *Umem::create(kDepth + 1);
  // UDP to an address of ours and a port that nobody listens on, with a broadcast-free MAC of no one: the
  // stack drops it after the look at its MAC, so the figure is the way back and not the stack's own work.
  for (std::uint32_t frame = 0; frame <= kDepth; ++frame) {
    std::byte* at = umem.memory().base + umem.memory().address_of(frame) + kXdpHeadroom;
    std::memset(at, 0x42, kFrameBytes);
    at[12] = std::byte{0x08};
    at[13] = std::byte{0x00};
  }
  auto path = ReturnPath::start({.original_interface = if_nametoindex("pba"), .depth = kDepth}, umem.memory(),
                                EngineClock());
  if (!path) {
    fmt::print(stderr, "{}\n", path.error().message());
    return 1;
  }
  ReturnPath& back = **path;
  const Nanoseconds before = *back.cpu_time();
  sleep_for(kSecond);
  const Nanoseconds idle = *back.cpu_time() - before;
  const Nanoseconds start = *back.cpu_time();
  feed(back.link(), rate, seconds);
  const Nanoseconds used = *back.cpu_time() - start;
  back.stop();
  const CounterSnapshot c = back.snapshot();
  const double share = static_cast<double>(used) / static_cast<double>(seconds) / 1e9;
  fmt::print("{} frames/s of {} bytes for {} s: {:.0f} ns a frame, {:.1f} % of a core; idle {:.1f} %\n", rate,
             kFrameBytes, seconds, static_cast<double>(used) / static_cast<double>(back.link().next()),
             100 * share, static_cast<double>(idle) / 1e7);
  fmt::print("returned {} = written {} + overrun {} + tap_error {}\n", back.link().next(),
             c.get(Counter::kReturnWritten), c.overrun(Consumer::kReturn), c.get(Counter::kTapError));
  return 0;
}
