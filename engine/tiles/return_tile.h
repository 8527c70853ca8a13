// The return tile: hands frames that are not ours back to the host's stack (userspace filter).
//
//   net tile -> return link (mcache, its lines hold the frames) -> this tile -> TAP -> original interface
//
// It copies a frame out of the pool, asks the link whether the frame was still its own until then, and
// only then writes it: what it gives to the host is what came from the wire, or nothing. A frame that was
// overwritten before is counted as overrun{return}. One link and one thread, so flows keep their order.
//
// A TAP that somebody took down, or deleted, would cut the host off: then the tile's hand of the dead-man's
// switch stops, and 100 ms later the XDP program leaves everything to the host's stack, under
// `engine_stalled`. The tile looks again every kLookAgain, and goes on when the TAP is up.
//
// Account: returned_to_host = return_written + overrun{return} + tap_error, exactly, once the tile has
// caught up.
//
// Ownership: borrows the lines, the memory and the TAP; owns its counters. Thread safety: step() from one
// thread; counters() from any.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/receive/receiver.h"
#include "engine/tiles/host_port.h"
#include "engine/tiles/link_input.h"
#include "engine/tiles/tile.h"
#include "engine/xdp/engine_clock.h"
#include "engine/xsk/umem.h"

namespace penstock {

class ReturnTile final : public Tile {
 public:
  // Frames that one step writes at most: the clock is told between steps.
  static constexpr std::size_t kBatch = 64;
  // How often an unusable TAP is looked at.
  static constexpr Nanoseconds kLookAgain = 10 * kMillisecond;

  // `clock` is this tile's hand of the dead-man's switch.
  ReturnTile(std::span<const McacheLine> lines, const FrameMemory& memory, HostPort& host, EngineClock clock);

  std::size_t step(Nanoseconds now) override;

  const Counters& counters() const { return counters_; }

 private:
  void hand_over(const Frag& frag);
  // Tells the time, unless the host's port is known to be unusable.
  void beat(Nanoseconds now);

  FrameMemory memory_;
  HostPort& host_;
  EngineClock clock_;
  LinkInput input_;
  Counters counters_;
  bool refused_ = false;    // since the host's port was last found usable
  Nanoseconds looked_ = 0;  // when that was asked, if refused_
  // The longest frame of a 4 KiB chunk, and room for whole words around it.
  alignas(64) std::array<std::byte, 4096 + 16> copy_;
};

}  // namespace penstock
