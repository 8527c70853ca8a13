// Links in turn, a batch each.
#include "engine/tiles/shred_tile.h"

namespace penstock {
namespace {

class LinkRecheck final : public Recheck {
 public:
  explicit LinkRecheck(McacheConsumer<Frag>& link) : link_(link) {}
  bool still_whole() override { return link_.accept(); }

 private:
  McacheConsumer<Frag>& link_;
};

}  // namespace

ShredTile::ShredTile(const FecResolverConfig& config, std::span<const ShredLink> links,
                     const LeaderSchedule* leaders, ResolverObserver* observer, RepairRequests* repair)
    : resolver_(config, leaders, observer, repair) {
  for (const ShredLink& link : links)
    inputs_.emplace_back(link);
}

std::size_t ShredTile::step(Nanoseconds) {
  std::size_t done = 0;
  for (Input& input : inputs_)
    done += take_from(input);
  return done;
}

std::size_t ShredTile::take_from(Input& input) {
  std::size_t done = 0;
  Frag frag;
  while (done < kBatch && input.consumer.poll(frag)) {
    take(input, frag);
    ++done;
  }
  if (const std::uint64_t lost = input.consumer.lost(); lost != input.lost) {
    resolver_.counters().add(Counter::kOverrun, lost - input.lost,
                             static_cast<std::size_t>(Consumer::kShred));
    input.lost = lost;
  }
  if (done != 0) input.consumer.show();
  return done;
}

void ShredTile::take(Input& input, const Frag& frag) {
  // Torn metadata may name anything; what names no place in the pool cannot pass the recheck.
  const std::uint64_t address = input.memory.address_of(frag.frame) + frag.offset;
  std::span<const std::byte> bytes;
  if (input.memory.holds(address, frag.length)) bytes = {input.memory.base + address, frag.length};
  LinkRecheck recheck(input.consumer);
  Incoming payload(bytes, recheck);
  if (input.port == ShredPort::kRepair) {
    resolver_.add_repair(payload);
  } else {
    resolver_.add(payload);
  }
}

}  // namespace penstock
