// Reading payloads.
#include "sim/scenario/first_consumer.h"

#include <optional>

#include "sim/replay/stamp.h"
#include "sim/scenario/streams.h"
#include "sim/workload/sequence.h"

namespace penstock {

void FirstConsumer::take(Receiver& receiver, std::span<const Frag> frags) {
  if (stalled_) {
    std::vector<Frag>& kept = kept_[&receiver];
    kept.insert(kept.end(), frags.begin(), frags.end());
  } else {
    consume(receiver, frags);
  }
}

void FirstConsumer::resume() {
  stalled_ = false;
  for (const auto& [receiver, frags] : kept_)
    consume(*receiver, frags);
  kept_.clear();
}

void FirstConsumer::consume(Receiver& receiver, std::span<const Frag> frags) {
  for (const Frag& frag : frags) {
    ++consumed_.datagrams;
    const bool slow = frag.way == WayIn::kCompanion;
    const std::span<const std::byte> payload = receiver.payload(frag);
    if (stamped_) note_age(payload);
    if (const auto number = stream_number(frag.source, payload)) {
      (slow ? consumed_.streams_slow : consumed_.streams_fast).push_back(*number);
      continue;
    }
    const Endpoint source{frag.source, frag.source_port};
    const Endpoint destination{frag.destination, frag.destination_port};
    const std::uint64_t name = consumed_.delivery.add(source, destination, payload);
    if (!consumed_.delivery.numbers()) consumed_.names.push_back(name);
    if (slow) consumed_.slow.add_datagram(source, destination, payload);
  }
  receiver.give_back(frags);
}

// What has no number may have come from anybody.
void FirstConsumer::note_age(std::span<const std::byte> payload) {
  if (payload.size() < kSequenceEnd + kStampBytes || !has_number(payload)) return;
  if (const std::optional<Nanoseconds> sent = read_stamp(payload)) consumed_.ages.add(clock_.now() - *sent);
}

}  // namespace penstock
