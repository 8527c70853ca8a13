// A tile: one duty of the engine as a step that never blocks. Who calls step() again and again, and on
// which thread, is the runner's business (tile_thread.h).
//
// Thread safety: one thread at a time calls step().
#pragma once

#include <cstddef>

#include "engine/base/clock.h"

namespace penstock {

class Tile {
 public:
  virtual ~Tile() = default;

  // Does what there is to do now, a batch at most, and returns how much that was: 0 when idle.
  // `now`: CLOCK_MONOTONIC, coarse.
  virtual std::size_t step(Nanoseconds now) = 0;
};

}  // namespace penstock
