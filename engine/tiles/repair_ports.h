// Which UDP ports repair responses come to, whose payloads carry a nonce: a small set that one thread changes
// while another asks.
//
// Thread safety: set() from one thread at a time, contains() from any. A port that stays is never missing.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "engine/base/check.h"
#include "engine/metrics/counters.h"

namespace penstock {

class RepairPorts {
 public:
  static constexpr std::size_t kMost = 2 * kMaxPorts;  // of a list that gives way to another, both

  // REQUIRES: at most kMost different ones, none of them 0.
  void set(std::span<const std::uint16_t> ports) {
    for (auto& cell : cells_) {
      if (std::find(ports.begin(), ports.end(), cell.load(std::memory_order_relaxed)) == ports.end())
        cell.store(0, std::memory_order_relaxed);
    }
    for (const std::uint16_t port : ports) {
      if (contains(port)) continue;
      const auto free = std::find(cells_.begin(), cells_.end(), 0);
      PENSTOCK_CHECK(port != 0 && free != cells_.end());
      free->store(port, std::memory_order_relaxed);
    }
  }

  bool contains(std::uint16_t port) const {
    return port != 0 && std::any_of(cells_.begin(), cells_.end(), [port](const auto& cell) {
             return cell.load(std::memory_order_relaxed) == port;
           });
  }

 private:
  std::array<std::atomic<std::uint16_t>, kMost> cells_{};
};

}  // namespace penstock
