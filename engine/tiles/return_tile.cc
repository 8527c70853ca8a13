// Read, copy, recheck, write.
#include "engine/tiles/return_tile.h"

#include "engine/mcache/copy.h"

namespace penstock {

ReturnTile::ReturnTile(std::span<const McacheLine> lines, const FrameMemory& memory, HostPort& host,
                       EngineClock clock)
    : memory_(memory), host_(host), clock_(clock), input_(lines, Consumer::kReturn) {}

std::size_t ReturnTile::step(Nanoseconds now) {
  beat(now);
  std::size_t done = 0;
  Frag frag;
  while (done < kBatch && input_.consumer().poll(frag)) {
    hand_over(frag);
    ++done;
  }
  input_.settle(done, counters_);
  return done;
}

void ReturnTile::beat(Nanoseconds now) {
  if (refused_) {
    if (looked_ != 0 && now - looked_ < kLookAgain) return;
    looked_ = now;
    if (!host_.usable()) return;
    refused_ = false;
    looked_ = 0;
  }
  clock_.beat(now);
}

void ReturnTile::hand_over(const Frag& frag) {
  const std::span<const std::byte> copy = copy_speculatively(bytes_of(memory_, frag), copy_);
  if (!input_.consumer().accept()) return;  // counted in lost()
  if (host_.write(copy) == 0) {
    counters_.add(Counter::kReturnWritten);
  } else {
    counters_.add(Counter::kTapError);
    refused_ = true;
  }
}

}  // namespace penstock
