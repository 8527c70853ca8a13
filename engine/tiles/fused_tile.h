// A consumer of the links that runs on the net thread itself, behind each batch: no thread to wake, no
// overrun as long as a batch fits the links; its time is the net thread's.
//
// Ownership: borrows both. Thread safety: the net thread's.
#pragma once

#include <span>

#include "engine/base/clock.h"
#include "engine/tiles/net_thread.h"
#include "engine/tiles/tile.h"

namespace penstock {

class FusedTile final : public Sink {
 public:
  // `tile` reads what `links` publishes.
  FusedTile(Sink& links, Tile& tile) : links_(links), tile_(tile) {}

  std::span<const Frag> take(std::span<const Frag> frags) override {
    const std::span<const Frag> displaced = links_.take(frags);
    while (tile_.step(clock_.now()) != 0) {
    }
    return displaced;
  }
  void mark(std::span<const Frag> frags, Nanoseconds now) override { links_.mark(frags, now); }

 private:
  Sink& links_;
  Tile& tile_;
  CoarseClock clock_;
};

}  // namespace penstock
