// Two later shreds at once. That the second may be looked at before the first is taken rests on this: the
// first cannot end any set (goes_with_waiting), so whatever comes of it, the second's set stays open in the
// same memory, and the second stays unseen.
#include <bit>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/resolver_parts.h"

namespace penstock {

void FecResolver::push(std::span<const std::byte> payload) {
  Incoming incoming(payload);
  push(incoming);
}

void FecResolver::push(Incoming& payload) {
  const ParsedShred parsed = parse_shred_head(payload.head(), payload.size());
  Route route = route_of(parsed, payload);
  if (waiting_.record && !(route.joins && goes_with_waiting(*route.known, parsed.header))) {
    flush();
    route = route_of(parsed, payload);  // the one that waited may have changed it
  }
  if (!route.joins) {
    finish(take(route, parsed, payload), parsed, payload);
    return;
  }
  const ShredLayout layout = layout_of(parsed.header.variant);
  // Nobody reads a member that is not seen.
  const auto place = table_.memory(*route.known)->member(parsed.header.member(), layout.total);
  payload.copy_to(place);
  if (!payload.whole()) return;
  if (waiting_.record) {
    take_with_waiting({route.known, parsed, layout, place});
  } else {
    waiting_ = {route.known, parsed, layout, place};
  }
}

void FecResolver::take_with_waiting(const Waiting& second) {
  const Waiting first = waiting_;
  waiting_.record = nullptr;
  MerkleHash leaf_a, leaf_b;
  hasher_.leaves_of(first.bytes, first.layout, second.bytes, second.layout, leaf_a, leaf_b);
  count(join(*first.record, first.parsed.header, first.layout, first.bytes, leaf_a), first.parsed);
  count(join(*second.record, second.parsed.header, second.layout, second.bytes, leaf_b), second.parsed);
}

void FecResolver::flush() {
  if (!waiting_.record) return;
  const Waiting one = waiting_;
  waiting_.record = nullptr;
  const MerkleHash leaf = hasher_.leaf_of(one.bytes, one.layout);
  count(join(*one.record, one.parsed.header, one.layout, one.bytes, leaf), one.parsed);
}

bool FecResolver::goes_with_waiting(const SetRecord& record, const ShredHeader& header) const {
  const bool completing = std::popcount(waiting_.record->seen) + 1 >= static_cast<int>(kFecDataShreds);
  const bool same = &record == waiting_.record && header.member() == waiting_.parsed.header.member();
  return !completing && !same;
}

}  // namespace penstock
