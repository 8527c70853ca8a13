// The outlet: what the engine received, for other processes of this host (penstock_shreds.h is their side).
//
//   links -> OutletTile ("pen-outlet")  --+
//                                         +-> Outlet::publish() -> shared ring -> readers
//   shred stage -> OutletShreds ----------+
//
// Without a shred stage every datagram of the engine's ports is published; with one, each shred of a set
// once: when it is accepted, or when it is rebuilt.
//
// Account: outlet_published = published - overrun{outlet}, or shred_accepted and what was rebuilt; what a
// reader missed it says itself (outlet_lost).
//
// Ownership: an Outlet owns ring and door. Thread safety: publish() from one thread, tend() from one, which
// may be another; snapshot() from any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/config/outlet_spec.h"
#include "engine/mcache/mcache.h"
#include "engine/metrics/counters.h"
#include "engine/outlet/outlet_door.h"
#include "engine/outlet/outlet_region.h"
#include "engine/shred/fec_resolver.h"
#include "engine/tiles/link_input.h"
#include "engine/tiles/tile.h"
#include "engine/xsk/umem.h"

namespace penstock {

class Outlet {
 public:
  // REQUIRES: spec.socket is not empty.
  static Result<std::unique_ptr<Outlet>> open(const OutletSpec& spec);

  void publish(const penstock_shred& about, std::span<const std::byte> payload);

  // Now and then, ten times a second or so: readers come and go.
  void tend();

  CounterSnapshot snapshot() const;

 private:
  Outlet(OutletRegion region, OutletDoor door) : region_(std::move(region)), door_(std::move(door)) {}

  MonotonicClock clock_;
  OutletRegion region_;
  OutletDoor door_;
  Counters published_;  // a thread's each
  Counters tended_;
};

// Publishes what the shred stage accepts and rebuilds.
class OutletShreds final : public ResolverObserver {
 public:
  explicit OutletShreds(Outlet& outlet) : outlet_(outlet) {}
  void on_accepted(const AcceptedShred& shred) override;
  void on_finished(const FinishedSet& set) override;

 private:
  Outlet& outlet_;
};

// Publishes every datagram of the links that it reads.
class OutletTile final : public Tile {
 public:
  static constexpr std::size_t kBatch = 64;

  OutletTile(const FrameMemory& memory, Outlet& outlet) : memory_(memory), outlet_(outlet) {}

  // Before the first step. The lines are borrowed.
  void read(std::span<const McacheLine> lines) { inputs_.emplace_back(lines, Consumer::kOutlet); }

  std::size_t step(Nanoseconds now) override;

  const Counters& counters() const { return counters_; }

 private:
  std::size_t take_from(LinkInput& input);

  FrameMemory memory_;
  Outlet& outlet_;
  std::deque<LinkInput> inputs_;  // they do not move
  Counters counters_;
  // The longest payload of a 4 KiB chunk, and room for whole words around it.
  alignas(64) std::array<std::byte, 4096 + 16> copy_;
};

}  // namespace penstock
