// A heap by time.
#include "sim/turbine/hold_queue.h"

#include <algorithm>
#include <tuple>

namespace penstock {
namespace {

// For std::*_heap, whose front is the largest.
bool later(const HeldDatagram& a, const HeldDatagram& b) {
  return std::tie(a.due, a.number) > std::tie(b.due, b.number);
}

}  // namespace

void HoldQueue::hold(Nanoseconds due, std::span<const std::byte> payload, std::vector<std::size_t> to) {
  heap_.push_back({due, held_++, {payload.begin(), payload.end()}, std::move(to)});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

std::optional<Nanoseconds> HoldQueue::next_due() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due;
}

std::optional<HeldDatagram> HoldQueue::take(Nanoseconds now) {
  if (heap_.empty() || heap_.front().due > now) return std::nullopt;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  HeldDatagram datagram = std::move(heap_.back());
  heap_.pop_back();
  return datagram;
}

}  // namespace penstock
