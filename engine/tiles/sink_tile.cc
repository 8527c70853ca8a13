// Links in turn, a batch each.
#include "engine/tiles/sink_tile.h"

#include "engine/mcache/copy.h"

namespace penstock {

std::size_t SinkTile::step(Nanoseconds /*now*/) {
  std::size_t done = 0;
  for (Input& input : inputs_)
    done += take_from(input);
  return done;
}

std::size_t SinkTile::take_from(Input& input) {
  std::size_t done = 0;
  for (Frag frag; done < kBatch && input.consumer.poll(frag); ++done)
    take(input, frag);
  if (const std::uint64_t lost = input.consumer.lost(); lost != input.lost) {
    counters_.add(Counter::kOverrun, lost - input.lost, static_cast<std::size_t>(Consumer::kSink));
    input.lost = lost;
  }
  if (done != 0) input.consumer.show();
  return done;
}

void SinkTile::take(Input& input, const Frag& frag) {
  // Torn metadata may name anything; what names no place in the pool cannot pass the recheck.
  const std::uint64_t address = memory_.address_of(frag.frame) + frag.offset;
  std::span<const std::byte> payload;
  if (wants_digest_ && memory_.holds(address, frag.length))
    payload = copy_speculatively({memory_.base + address, frag.length}, copy_);
  if (!input.consumer.accept()) return;  // counted in lost()
  counters_.add(Counter::kSinkConsumed);
  counters_.add(Counter::kSinkBytes, frag.length);
  if (wants_digest_ && frag.ip_version == 4)
    digest_.add_datagram({frag.source, frag.source_port}, {frag.destination, frag.destination_port}, payload);
}

}  // namespace penstock
