// Marks beside a link (engine/mcache), by which a consumer on another thread measures how long frags are on
// their way to it. Nothing in a frag or its line says when it was published: that would not fit, and cost a
// clock at each. Instead the producer leaves a mark now and then: the number of the frag that it is about to
// publish, and the time.
//
//   net thread, once a tick: mark(frag s, now)    then publishes s and its batch
//   consumer, after each batch that it took:      is s among what is behind me? then now - mark.time
//
// The marks are an mcache themselves, so that each of them is seen by each consumer, also those that were
// left while it stood still: a stall of 50 ms shows as many hops of up to 50 ms, not as one. A consumer that
// is more than kDepth marks behind loses the oldest of these; frags are counted then, marks are not.
//
// A mark is visible to whoever sees its frag: it is published before it.
//
// Thread safety: one thread leaves marks; one thread a reader. Ownership: LinkMarks owns the lines, which
// must outlive every reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/clock.h"
#include "engine/mcache/mcache.h"

namespace penstock {

struct LinkMark {
  std::uint64_t frag = ~std::uint64_t{0};  // its number in the link
  Nanoseconds time = 0;                    // CLOCK_MONOTONIC
  std::uint64_t unused = 0;                // an mcache line has room for it
};

class LinkMarks {
 public:
  static constexpr std::size_t kDepth = 64;

  // One for a frag: another for the same is left out.
  void leave(std::uint64_t frag, Nanoseconds time) {
    if (frag == last_) return;
    last_ = frag;
    marks_.publish({.frag = frag, .time = time});
  }

  std::span<const McacheLine> lines() const { return lines_.lines(); }

 private:
  McacheMemory lines_{kDepth};
  McacheProducer<LinkMark> marks_{lines_.lines(), [](std::uint64_t) { return LinkMark(); }};
  std::uint64_t last_ = LinkMark().frag;
};

class LinkMarkReader {
 public:
  explicit LinkMarkReader(std::span<const McacheLine> lines) : marks_(lines, fseq_) {}
  LinkMarkReader(const LinkMarkReader&) = delete;
  LinkMarkReader& operator=(const LinkMarkReader&) = delete;

  // Calls `visit` with the time of each mark, once each, whose frag is before `next`: one that the consumer
  // is done with, or was overrun by.
  template <typename Visit>
  void pass(std::uint64_t next, const Visit& visit) {
    for (LinkMark mark; marks_.poll(mark);) {
      if (mark.frag >= next) return;  // perhaps torn: read again by the next call
      if (marks_.accept()) visit(mark.time);
    }
  }

 private:
  Fseq fseq_;
  McacheConsumer<LinkMark> marks_;
};

}  // namespace penstock
