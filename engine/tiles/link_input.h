// One link as a tile reads it: consumer, position shown, losses counted, and where the link has marks
// (link_marks.h) how long frags were on their way. What the return, shred and sink tile share.
//
// Ownership: borrows the lines. Does not move: consumers point at their fseq. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/check.h"
#include "engine/base/clock.h"
#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/receive/receiver.h"
#include "engine/tiles/link_marks.h"
#include "engine/xsk/umem.h"

namespace penstock {

// Under which hops to `consumer` are counted. REQUIRES: one of those that have a counter for it.
constexpr Counter hop_counter(Consumer consumer) {
  PENSTOCK_CHECK(consumer == Consumer::kShred || consumer == Consumer::kSink ||
                 consumer == Consumer::kOutlet);
  if (consumer == Consumer::kShred) return Counter::kHopShred;
  return consumer == Consumer::kSink ? Counter::kHopSink : Counter::kHopOutlet;
}

class LinkInput {
 public:
  // `who`: under which overrun{consumer} losses are counted. `marks`: the link's, when hops are to be counted
  // (hop_counter()), which takes a tile on a thread of its own; else empty.
  LinkInput(std::span<const McacheLine> lines, Consumer who, std::span<const McacheLine> marks = {})
      : consumer_(lines, fseq_), who_(who) {
    if (marks.empty()) return;
    hop_ = hop_counter(who);
    marks_.emplace(marks);
  }
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

  // Behind a batch of `done` frags, when the tile is through with them: counts what was lost since the last
  // call and how long marked frags took, and shows how far it is read.
  void settle(std::size_t done, Counters& counters) {
    if (const std::uint64_t lost = consumer_.lost(); lost != counted_) {
      counters.add(Counter::kOverrun, lost - counted_, static_cast<std::size_t>(who_));
      counted_ = lost;
    }
    if (done == 0) return;
    consumer_.show();
    if (marks_) count_hops(counters);
  }

 private:
  void count_hops(Counters& counters) {
    marks_->pass(consumer_.next(),
                 [&](Nanoseconds marked) { counters.add_hop(hop_, clock_.now() - marked); });
  }

  Fseq fseq_;
  McacheConsumer<Frag> consumer_;
  Consumer who_;
  std::uint64_t counted_ = 0;
  MonotonicClock clock_;
  Counter hop_ = Counter::kCount;
  std::optional<LinkMarkReader> marks_;
};

// The bytes that a frag names, empty when they are none of the pool's: torn metadata may name anything, but
// what names no place in the pool cannot pass the recheck.
inline std::span<const std::byte> bytes_of(const FrameMemory& memory, const Frag& frag) {
  const std::uint64_t address = memory.address_of(frag.frame) + frag.offset;
  if (!memory.holds(address, frag.length)) return {};
  return {memory.base + address, frag.length};
}

}  // namespace penstock
