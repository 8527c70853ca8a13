// Links in turn, a batch each.
#include "engine/tiles/sink_tile.h"

#include "engine/mcache/copy.h"

namespace penstock {

std::size_t SinkTile::step(Nanoseconds /*now*/) {
  std::size_t done = 0;
  for (LinkInput& input : inputs_)
    done += input.take_batch(kBatch, counters_, [&](const Frag& frag) { take(input, frag); });
  return done;
}

void SinkTile::take(LinkInput& input, const Frag& frag) {
  std::span<const std::byte> payload;
  if (wants_digest_) payload = copy_speculatively(bytes_of(memory_, frag), copy_);
  if (!input.consumer().accept()) return;  // counted in lost()
  counters_.add(Counter::kSinkConsumed);
  counters_.add(Counter::kSinkBytes, frag.length);
  if (wants_digest_ && frag.ip_version == 4)
    digest_.add_datagram({frag.source, frag.source_port}, {frag.destination, frag.destination_port}, payload);
}

}  // namespace penstock
