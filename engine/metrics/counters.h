// The counters of the engine.
//
// Every number that the receiver counts is a row of the one table in counter_table.h. Prometheus text,
// `penstock monitor`, the scenarios' accounts (law 2 of docs/architecture.md) and docs/counters.md all come
// from here; nothing is counted elsewhere.
//
// Counters only grow. One thread writes a Counters object (relaxed loads and stores: on x86-64 an
// add is a plain add); any thread may take a snapshot at any time. A snapshot is not one instant:
// values read while traffic runs may be some frames apart, which is why accounts are closed only
// after quiesce (two equal snapshots).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "engine/base/clock.h"
#include "engine/metrics/counter_table.h"

namespace penstock {

// The values of all counters, at about one time.
struct CounterSnapshot {
  std::array<std::uint64_t, kCounterSlots> slots{};

  std::uint64_t get(Counter counter, std::size_t value = 0) const {
    return slots[counter_slot(counter, value)];
  }
  std::uint64_t get(DiscardReason reason) const {
    return get(Counter::kDiscarded, static_cast<std::size_t>(reason));
  }
  std::uint64_t get(RejectReason reason) const { return get(Counter::kShredDiscarded, reject_value(reason)); }
  std::uint64_t overrun(Consumer consumer) const {
    return get(Counter::kOverrun, static_cast<std::size_t>(consumer));
  }
  std::uint64_t sum(Counter counter) const;  // over all label values

  // What was counted since `before`. REQUIRES: before was taken earlier from the same counters.
  CounterSnapshot since(const CounterSnapshot& before) const;
  // Only what traffic moves: counters of system calls, which an idle receiver goes on making, are 0.
  // Two such snapshots are equal when nothing flows any more.
  CounterSnapshot traffic() const;
  // Adds another set of counters, for totals over tiles.
  CounterSnapshot& operator+=(const CounterSnapshot& other);
  bool operator==(const CounterSnapshot&) const = default;
};

// The live counters of one writing thread.
class Counters {
 public:
  void add(Counter counter, std::uint64_t by = 1, std::size_t value = 0) {
    std::atomic<std::uint64_t>& slot = slots_[counter_slot(counter, value)];
    slot.store(slot.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  void add(DiscardReason reason, std::uint64_t by = 1) {
    add(Counter::kDiscarded, by, static_cast<std::size_t>(reason));
  }
  void add(RejectReason reason, std::uint64_t by = 1) {
    add(Counter::kShredDiscarded, by, reject_value(reason));
  }
  // `family`: with a label of kind hop.
  void add_hop(Counter family, Nanoseconds took);
  std::uint64_t get(Counter counter, std::size_t value = 0) const {
    return slots_[counter_slot(counter, value)].load(std::memory_order_relaxed);
  }
  // For counters that the kernel keeps and the engine only copies (XDP_STATISTICS, the program's).
  void set(Counter counter, std::uint64_t to, std::size_t value = 0) {
    slots_[counter_slot(counter, value)].store(to, std::memory_order_relaxed);
  }
  CounterSnapshot snapshot() const;

 private:
  std::array<std::atomic<std::uint64_t>, kCounterSlots> slots_{};
};

// Prometheus text exposition format 0.0.4: `penstock_NAME_total`, HELP and TYPE for every family.
// `ports` are the listed ports by index; families with a port label show only those.
std::string prometheus_text(const CounterSnapshot& snapshot, std::span<const std::uint16_t> ports);

}  // namespace penstock
