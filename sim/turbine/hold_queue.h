// Datagrams that wait for their time: how a relay delays what it sends on, each by its own time, so that they
// leave in another order than they came.
//
// Thread safety: none. Memory: what waits, a copy each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/clock.h"

namespace penstock {

struct HeldDatagram {
  Nanoseconds due = 0;
  std::uint64_t number = 0;  // in order of hold()
  std::vector<std::byte> payload;
  std::vector<std::size_t> to;  // nodes of the cluster
};

class HoldQueue {
 public:
  void hold(Nanoseconds due, std::span<const std::byte> payload, std::vector<std::size_t> to);

  // When the next one is due; none when nothing waits.
  std::optional<Nanoseconds> next_due() const;
  // The one that has been due longest, those due at the same time in the order in which they came; none when
  // no one is due at `now`.
  std::optional<HeldDatagram> take(Nanoseconds now);

 private:
  std::vector<HeldDatagram> heap_;  // the earliest first
  std::uint64_t held_ = 0;
};

}  // namespace penstock
