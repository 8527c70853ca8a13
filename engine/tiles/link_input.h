// One link as a tile reads it: consumer, position shown, losses counted. What the return, shred and sink tile
// share.
//
// Ownership: borrows the lines. Does not move: the consumer points at the fseq. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/receive/receiver.h"
#include "engine/xsk/umem.h"

namespace penstock {

class LinkInput {
 public:
  // `who`: under which overrun{consumer} losses are counted.
  LinkInput(std::span<const McacheLine> lines, Consumer who) : consumer_(lines, fseq_), who_(who) {}
  LinkInput(const LinkInput&) = delete;
  LinkInput& operator=(const LinkInput&) = delete;

  McacheConsumer<Frag>& consumer() { return consumer_; }

  // Hands up to `most` frags to `take`, which must end each by consumer().accept(), and settles. Returns how
  // many.
  template <typename Take>
  std::size_t take_batch(std::size_t most, Counters& counters, Take&& take) {
    std::size_t done = 0;
    for (Frag frag; done < most && consumer_.poll(frag); ++done)
      take(frag);
    settle(done, counters);
    return done;
  }

  // Behind a batch of `done` frags: counts what was lost since the last call, and shows how far it is read.
  void settle(std::size_t done, Counters& counters) {
    if (const std::uint64_t lost = consumer_.lost(); lost != counted_) {
      counters.add(Counter::kOverrun, lost - counted_, static_cast<std::size_t>(who_));
      counted_ = lost;
    }
    if (done != 0) consumer_.show();
  }

 private:
  Fseq fseq_;
  McacheConsumer<Frag> consumer_;
  Consumer who_;
  std::uint64_t counted_ = 0;
};

// The bytes that a frag names, empty when they are none of the pool's: torn metadata may name anything, but
// what names no place in the pool cannot pass the recheck.
inline std::span<const std::byte> bytes_of(const FrameMemory& memory, const Frag& frag) {
  const std::uint64_t address = memory.address_of(frag.frame) + frag.offset;
  if (!memory.holds(address, frag.length)) return {};
  return {memory.base + address, frag.length};
}

}  // namespace penstock
