// Read, copy, recheck, write.
#include "engine/tiles/return_tile.h"

#include "engine/mcache/copy.h"

namespace penstock {

ReturnTile::ReturnTile(std::span<const McacheLine> lines, const FrameMemory& memory, HostPort& host,
                       EngineClock clock)
    : memory_(memory), host_(host), clock_(clock), link_(lines, fseq_) {}

std::size_t ReturnTile::step(Nanoseconds now) {
  beat(now);
  std::size_t done = 0;
  Frag frag;
  while (done < kBatch && link_.poll(frag)) {
    hand_over(frag);
    ++done;
  }
  if (link_.lost() != lost_) {
    counters_.add(Counter::kOverrun, link_.lost() - lost_, static_cast<std::size_t>(Consumer::kReturn));
    lost_ = link_.lost();
  }
  if (done != 0) link_.show();
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
  // Torn metadata may name anything; what names no place in the pool cannot pass the recheck.
  std::span<const std::byte> copy;
  const std::uint64_t address = memory_.address_of(frag.frame) + frag.offset;
  if (memory_.holds(address, frag.length))
    copy = copy_speculatively({memory_.base + address, frag.length}, copy_);
  if (!link_.accept()) return;  // counted in lost()
  if (host_.write(copy) == 0) {
    counters_.add(Counter::kReturnWritten);
  } else {
    counters_.add(Counter::kTapError);
    refused_ = true;
  }
}

}  // namespace penstock
