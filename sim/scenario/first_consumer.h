// The first consumer of a scenario's engine: takes every datagram, keeps the evidence, gives the frame back.
//
// A stalled consumer takes frags and keeps them unread, as one that hangs: the kernel runs out of frames and
// drops (rx_dropped), and nothing is overwritten. When it resumes it reads what it kept. Datagrams of streams
// (streams.h) are set apart by their numbers; everything else goes into the delivery.
//
// When datagrams are stamped with the time at which they left (sim/replay/stamp.h) it notes how old each one
// is before it looks at anything else of it, one that was kept when it is read at last.
//
// Thread safety: none; the engine's thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/latency_histogram.h"
#include "engine/packet/digest.h"
#include "engine/receive/receiver.h"
#include "sim/scenario/delivery.h"

namespace penstock {

struct Consumed {
  Delivery delivery;                        // of both ways, without streams
  MultisetDigest slow;                      // of these: by the slow way
  std::vector<std::uint64_t> names;         // of every datagram in the delivery's digest
  std::vector<std::uint64_t> streams_fast;  // numbers of streams' datagrams, by way in
  std::vector<std::uint64_t> streams_slow;
  std::uint64_t datagrams = 0;  // all of them
  LatencyHistogram ages{};      // of the numbered ones, when they are stamped
};

class FirstConsumer {
 public:
  explicit FirstConsumer(const ShredStageConfig& shreds, bool stamped = false)
      : stamped_(stamped), consumed_{Delivery(shreds), {}, {}, {}, {}, 0} {}

  // What `receiver` just handed out; there may be several of them, each with frames of its own.
  void take(Receiver& receiver, std::span<const Frag> frags);

  void stall() { stalled_ = true; }
  // REQUIRES: the receivers of what it kept are there.
  void resume();

  Consumed finish() && { return std::move(consumed_); }

 private:
  void consume(Receiver& receiver, std::span<const Frag> frags);
  void note_age(std::span<const std::byte> payload);

  bool stamped_;
  MonotonicClock clock_;
  bool stalled_ = false;
  std::map<Receiver*, std::vector<Frag>> kept_;
  Consumed consumed_;
};

}  // namespace penstock
