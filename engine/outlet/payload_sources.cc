// Handing on.
#include "engine/outlet/payload_sources.h"

#include "engine/mcache/copy.h"

namespace penstock {

void PayloadShreds::on_accepted(const AcceptedShred& shred) {
  for (PayloadSink* sink : sinks_)
    sink->shred(shred.bytes, false);
}

void PayloadShreds::on_finished(const FinishedSet& set) {
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    if ((set.set.seen >> i & 1) != 0) continue;
    for (PayloadSink* sink : sinks_)
      sink->shred(set.member(i), true);
  }
}

std::size_t PayloadTile::step(Nanoseconds /*now*/) {
  std::size_t done = 0;
  for (LinkInput& input : inputs_)
    done += input.take_batch(kBatch, counters_, [&](const Frag& frag) { take(input, frag); });
  return done;
}

void PayloadTile::take(LinkInput& input, const Frag& frag) {
  const auto payload = copy_speculatively(bytes_of(memory_, frag), copy_);
  if (!input.consumer().accept()) return;  // counted in lost()
  for (PayloadSink* sink : sinks_)
    sink->datagram(frag, payload);
}

}  // namespace penstock
