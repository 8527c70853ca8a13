// The first consumer of a scenario's engine: takes every datagram, keeps the evidence, gives the frame back.
//
// A stalled consumer takes frags and keeps them unread, as one that hangs: the kernel runs out of frames and
// drops (rx_dropped), and nothing is overwritten. When it resumes it reads what it kept. Datagrams of streams
// (streams.h) are set apart by their numbers; everything else goes into the delivery.
//
// Thread safety: none; the engine's thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

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
};

class FirstConsumer {
 public:
  explicit FirstConsumer(const ShredStage& shreds) : consumed_{Delivery(shreds), {}, {}, {}, {}, 0} {}

  // What `receiver` just handed out.
  void take(Receiver& receiver, std::span<const Frag> frags);

  void stall() { stalled_ = true; }
  void resume(Receiver& receiver);

  Consumed finish() && { return std::move(consumed_); }

 private:
  void consume(Receiver& receiver, std::span<const Frag> frags);

  bool stalled_ = false;
  std::vector<Frag> kept_;
  Consumed consumed_;
};

}  // namespace penstock
