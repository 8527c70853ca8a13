// Where payloads go that leave the engine: shared memory (outlet.h), a UDP socket of this host
// (udp_forward.h).
//
//   links -> PayloadTile ("pen-outlet")  --+
//                                          +-> PayloadSink, one or several
//   shred stage -> PayloadShreds ----------+
//
// Without a shred stage every datagram of the engine's ports is handed on; with one, each shred of a set
// once: when it is accepted, or when it is rebuilt.
//
// Thread safety: datagram() and shred() from one thread; snapshot() from any.
#pragma once

#include <cstddef>
#include <span>

#include "engine/metrics/counters.h"
#include "engine/receive/receiver.h"

namespace penstock {

class PayloadSink {
 public:
  virtual ~PayloadSink() = default;
  // The payload is valid during the call.
  virtual void datagram(const Frag& frag, std::span<const std::byte> payload) = 0;
  virtual void shred(std::span<const std::byte> payload, bool rebuilt) = 0;
  virtual CounterSnapshot snapshot() const = 0;
};

}  // namespace penstock
