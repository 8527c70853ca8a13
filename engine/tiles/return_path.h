// The way back to the host as one part: the link that the net tile publishes to, the TAP, the return tile
// and the thread that it runs on ("pen-return" in `top -H`).
//
//   net tile -> link() -> return tile on its thread -> TAP -> ingress of the original interface
//
// Frames: every line of the link holds one from the start (`first_frame` on, as many as it has lines),
// and lends that out for each that is published (mcache.h).
//
// Depth of the link: what the tile may fall behind before it is overrun. The dead-man's switch lets a
// tile hang for 100 ms, so 4,096 lines lose nothing of 40,000 frames/s even then, for 8 MiB of frames.
//
// Order: frames reach the stack in the order of the link. The kernel finishes a frame inside write()
// unless its soft interrupts are overloaded; only then, and only if the thread has moved to another CPU
// meanwhile, can two frames change places. `cpu` keeps it on one.
//
// Ending: stop(), or going away, hands over what is in the link, then the TAP goes with its program.
// Frames that the net tile publishes afterwards stay in the link.
//
// Must be started in the network namespace of the interface. The TAP needs CAP_NET_ADMIN and CAP_BPF, and
// /dev/net/tun. Thread safety: link() is the net tile's; snapshot() from any thread; the rest from one.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/result.h"
#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/privilege/own_privileges.h"
#include "engine/receive/receiver.h"
#include "engine/tiles/return_tile.h"
#include "engine/tiles/tap_device.h"
#include "engine/tiles/tile_thread.h"
#include "engine/xdp/engine_clock.h"
#include "engine/xsk/umem.h"

namespace penstock {

struct ReturnPathConfig {
  unsigned original_interface = 0;
  std::uint32_t first_frame = 0;              // of the frames that the link's lines hold
  std::uint32_t depth = 4096;                 // lines; a power of two, at least 4
  int cpu = -1;                               // to pin the thread to; -1: anywhere
  Privileges* privileges = own_privileges();  // who makes the TAP
};

class ReturnPath {
 public:
  // `memory` is borrowed, and so is what `clock` points to: both must outlive this.
  static Result<std::unique_ptr<ReturnPath>> start(const ReturnPathConfig& config, const FrameMemory& memory,
                                                   EngineClock clock);

  ReturnPath(const ReturnPath&) = delete;
  ReturnPath& operator=(const ReturnPath&) = delete;

  McacheProducer<Frag>& link() { return link_; }
  CounterSnapshot snapshot() const { return tile_.counters().snapshot(); }
  const TapDevice& tap() const { return tap_; }
  Result<Nanoseconds> cpu_time() { return thread_->cpu_time(); }
  const Heartbeat& heartbeat() const { return thread_->heartbeat(); }

  // Returns when the tile has handed over what the link holds. May be called again, to no effect.
  void stop();

 private:
  ReturnPath(const ReturnPathConfig& config, const FrameMemory& memory, EngineClock clock, TapDevice tap);

  McacheMemory lines_;
  McacheProducer<Frag> link_;
  TapDevice tap_;
  ReturnTile tile_;
  std::unique_ptr<TileThread> thread_;  // last, so that it ends before what it uses goes
};

}  // namespace penstock
