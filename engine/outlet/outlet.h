// The outlet: what the engine received, for other processes of this host (penstock_shreds.h is their side).
//
// A payload sink whose payloads go into a shared ring. What a reader missed it says itself (outlet_lost).
//
// Ownership: an Outlet owns ring and door. Thread safety: as PayloadSink; tend() from one
// thread, which may be another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/config/outlet_spec.h"
#include "engine/metrics/counters.h"
#include "engine/outlet/outlet_door.h"
#include "engine/outlet/outlet_region.h"
#include "engine/outlet/payload_sink.h"

namespace penstock {

class Outlet final : public PayloadSink {
 public:
  // REQUIRES: spec.socket is not empty.
  static Result<std::unique_ptr<Outlet>> open(const OutletSpec& spec);

  void datagram(const Frag& frag, std::span<const std::byte> payload) override;
  void shred(std::span<const std::byte> payload, bool rebuilt) override;

  // Now and then, ten times a second or so: readers come and go.
  void tend();

  CounterSnapshot snapshot() const override;

 private:
  Outlet(OutletRegion region, OutletDoor door) : region_(std::move(region)), door_(std::move(door)) {}

  void publish(const penstock_shred& about, std::span<const std::byte> payload);

  MonotonicClock clock_;
  OutletRegion region_;
  OutletDoor door_;
  Counters published_;  // a thread's each
  Counters tended_;
};

}  // namespace penstock
