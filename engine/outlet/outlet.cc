// Into the ring.
#include "engine/outlet/outlet.h"

#include <utility>

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

void Outlet::datagram(const Frag& frag, std::span<const std::byte> payload) {
  penstock_shred about{};
  about.source_address = frag.source.network();
  about.source_port = frag.source_port;
  about.destination_port = frag.destination_port;
  publish(about, payload);
}

void Outlet::shred(std::span<const std::byte> payload, bool rebuilt) {
  penstock_shred about{};
  about.flags = rebuilt ? PENSTOCK_SHRED_REBUILT : PENSTOCK_SHRED_ACCEPTED;
  publish(about, payload);
}

}  // namespace penstock
