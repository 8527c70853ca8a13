// Links in turn, a batch each.
#include "engine/tiles/sink_tile.h"

#include <cstring>

#include "engine/mcache/copy.h"

namespace penstock {

std::size_t SinkTile::step(Nanoseconds /*now*/) {
  std::size_t done = 0;
  for (LinkInput& input : inputs_)
    done += input.take_batch(kBatch, counters_, [&](const Frag& frag) { take(input, frag); });
  return done;
}

// Maybe of torn bytes; accept() tells.
std::optional<Nanoseconds> SinkTile::age_of(std::span<const std::byte> payload) const {
  Nanoseconds sent = 0;
  if (payload.size() < sizeof(sent)) return std::nullopt;
  std::memcpy(&sent, payload.last(sizeof(sent)).data(), sizeof(sent));
  return clock_.now() - sent;
}

void SinkTile::take(LinkInput& input, const Frag& frag) {
  std::span<const std::byte> payload;
  if (wishes_.digest) payload = copy_speculatively(bytes_of(memory_, frag), copy_);
  std::optional<Nanoseconds> age;
  if (wishes_.latency) age = age_of(bytes_of(memory_, frag));
  if (!input.consumer().accept()) return;  // counted in lost()
  counters_.add(Counter::kSinkConsumed);
  counters_.add(Counter::kSinkBytes, frag.length);
  if (age) latency_.add(*age);
  if (wishes_.digest && frag.ip_version == 4)
    digest_.add_datagram({frag.source, frag.source_port}, {frag.destination, frag.destination_port}, payload);
}

}  // namespace penstock
