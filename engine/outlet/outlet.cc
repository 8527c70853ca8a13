// Two sources, one ring.
#include "engine/outlet/outlet.h"

#include <utility>

#include "engine/mcache/copy.h"

namespace penstock {

Result<std::unique_ptr<Outlet>> Outlet::open(const OutletSpec& spec) {
  Result<OutletRegion> region = OutletRegion::create(spec.depth);
  if (!region) return tl::unexpected(region.error());
  Result<OutletDoor> door = OutletDoor::open(spec.socket);
  if (!door) return tl::unexpected(door.error());
  return std::unique_ptr<Outlet>(new Outlet(std::move(*region), std::move(*door)));
}

void Outlet::publish(const penstock_shred& about, std::span<const std::byte> payload) {
  region_.publish(about, payload, clock_.now());
  published_.add(Counter::kOutletPublished);
}

void Outlet::tend() {
  door_.tend(region_.fd(), published_.get(Counter::kOutletPublished), tended_);
}

CounterSnapshot Outlet::snapshot() const {
  CounterSnapshot total = published_.snapshot();
  total += tended_.snapshot();
  return total;
}

void OutletShreds::on_accepted(const AcceptedShred& shred) {
  penstock_shred about{};
  about.flags = PENSTOCK_SHRED_ACCEPTED;
  outlet_.publish(about, shred.bytes);
}

void OutletShreds::on_finished(const FinishedSet& set) {
  penstock_shred about{};
  about.flags = PENSTOCK_SHRED_REBUILT;
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    if ((set.set.seen >> i & 1) == 0) outlet_.publish(about, set.member(i));
  }
}

std::size_t OutletTile::step(Nanoseconds /*now*/) {
  std::size_t done = 0;
  for (LinkInput& input : inputs_)
    done += take_from(input);
  return done;
}

std::size_t OutletTile::take_from(LinkInput& input) {
  std::size_t done = 0;
  for (Frag frag; done < kBatch && input.consumer().poll(frag); ++done) {
    const auto payload = copy_speculatively(bytes_of(memory_, frag), copy_);
    if (!input.consumer().accept()) continue;  // counted in lost()
    penstock_shred about{};
    about.source_address = frag.source.network();
    about.source_port = frag.source_port;
    about.destination_port = frag.destination_port;
    outlet_.publish(about, payload);
  }
  input.settle(done, counters_);
  return done;
}

}  // namespace penstock
