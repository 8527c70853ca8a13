// The one table of counters.
//
// Every number that the receiver counts is a row of PENSTOCK_COUNTERS: its name, label, unit and
// help. Prometheus text, `penstock monitor`, the scenarios' accounts (law 2 of docs/architecture.md)
// and docs/counters.md all come from here; nothing is counted elsewhere.
//
// A row with a label is a family of counters, one a label value. Kinds of label:
//   none      one counter;
//   reason    a reason of the classifier (PENSTOCK_REASONS in bpf/classify.h);
//   discard   why the engine threw a received frame away (DiscardReason);
//   consumer  who reads a link (Consumer);
//   port      the index of a listed port in the receiver's configuration (0 .. kMaxPorts - 1).
//
// Counters only grow. One thread writes a Counters object (relaxed loads and stores: on x86-64 an
// add is a plain add); any thread may take a snapshot at any time. A snapshot is not one instant:
// values read while traffic runs may be some frames apart, which is why accounts are closed only
// after quiesce (two equal snapshots).
#pragma once

#include <array>
#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bpf/classify.h"

namespace penstock {

inline constexpr std::size_t kMaxPorts = 16;

// Why a frame that came through the RX ring was given back without reaching a consumer.
// X(identifier, name, help)
#define PENSTOCK_DISCARD_REASONS(X)                                                       \
  X(kBadDescriptor, "bad_descriptor", "RX descriptor outside the UMEM or across a chunk") \
  X(kPortRemoved, "port_removed", "redirected before its port was taken off the list")    \
  X(kOversize, "oversize", "datagram longer than max_payload")

enum class DiscardReason : std::uint8_t {
#define X(id, name, help) id,
  PENSTOCK_DISCARD_REASONS(X)
#undef X
      kCount
};

// Who reads a link (engine/mcache) and may be overrun. X(identifier, name)
#define PENSTOCK_CONSUMERS(X) X(kReturn, "return")

enum class Consumer : std::uint8_t {
#define X(id, name) id,
  PENSTOCK_CONSUMERS(X)
#undef X
      kCount
};

enum class CounterLabel : std::uint8_t { kNone, kReason, kDiscard, kConsumer, kPort };
enum class CounterUnit : std::uint8_t { kFrames, kBytes, kCalls };

// X(identifier, name, label, unit, help)
#define PENSTOCK_COUNTERS(X)                                                                              \
  X(kXdpPass, "xdp_pass", kReason, kFrames, "Frames that the XDP program left to the host's stack")       \
  X(kXdpRedirect, "xdp_redirect", kNone, kFrames, "Frames that the XDP program redirected to a socket")   \
  X(kRxDescriptors, "rx_descriptors", kNone, kFrames, "Frames taken from the RX rings")                   \
  X(kRxBytes, "rx_bytes", kNone, kBytes, "Bytes of the frames taken from the RX rings")                   \
  X(kRxRingFull, "rx_ring_full", kNone, kFrames, "Frames lost by the kernel: RX ring full")               \
  X(kRxDropped, "rx_dropped", kNone, kFrames,                                                             \
    "Frames lost by the kernel: fill ring empty, or longer than a chunk")                                 \
  X(kRxFillRingEmpty, "rx_fill_ring_empty_descs", kNone, kCalls,                                          \
    "Failed takes from the fill ring: in copy mode the same frames as in rx_dropped, a diagnosis only")   \
  X(kRxInvalidDescs, "rx_invalid_descs", kNone, kFrames, "Descriptors that the kernel found invalid")     \
  X(kFilterPass, "filter_pass", kReason, kFrames, "Frames that the userspace filter found not ours")      \
  X(kPublished, "published", kPort, kFrames, "Datagrams of the RX rings handed to the first consumer")    \
  X(kPublishedBytes, "published_bytes", kPort, kBytes, "Payload bytes of the published datagrams")        \
  X(kReturnedToHost, "returned_to_host", kNone, kFrames, "Frames not ours, handed to the return tile")    \
  X(kReturnWritten, "return_written", kNone, kFrames, "Frames that the return tile gave to the host")     \
  X(kTapError, "tap_error", kNone, kFrames, "Frames that the return tile's TAP refused")                  \
  X(kOverrun, "overrun", kConsumer, kFrames, "Frames overwritten before the consumer of a link was done") \
  X(kDiscarded, "discarded", kDiscard, kFrames, "Frames received and thrown away by the engine")          \
  X(kSlowWayRx, "slow_way_rx", kNone, kFrames, "Datagrams that the companion socket received")            \
  X(kSlowWayPublished, "slow_way_published", kPort, kFrames,                                              \
    "Datagrams of the companion socket handed to the first consumer")                                     \
  X(kSlowWayDiscarded, "slow_way_discarded", kDiscard, kFrames,                                           \
    "Datagrams of the companion socket thrown away by the engine")                                        \
  X(kSlowWayDropped, "slow_way_dropped", kNone, kFrames,                                                  \
    "Datagrams that the kernel dropped at the companion socket: buffer full, or bad UDP checksum")        \
  X(kRxWakeups, "rx_wakeups", kNone, kCalls, "System calls that woke the kernel's receive side")          \
  X(kRxWaits, "rx_waits", kNone, kCalls, "System calls that waited for frames")

enum class Counter : std::uint8_t {
#define X(id, name, label, unit, help) id,
  PENSTOCK_COUNTERS(X)
#undef X
      kCount
};

inline constexpr std::size_t kCounterCount = static_cast<std::size_t>(Counter::kCount);

// One row of the table, as data.
struct CounterInfo {
  std::string_view name;
  CounterLabel label;
  CounterUnit unit;
  std::string_view help;
};

const CounterInfo& counter_info(Counter counter);
// The label's own name: "reason", "consumer" or "port"; empty for CounterLabel::kNone.
std::string_view label_name(CounterLabel label);
// The name of one value of a label; for ports, the index in decimal.
std::string label_value(CounterLabel label, std::size_t value);
std::string_view reason_name(std::size_t reason);  // REQUIRES: reason < PENSTOCK_REASON_COUNT

constexpr std::size_t label_values(CounterLabel label) {
  switch (label) {
    case CounterLabel::kNone:
      return 1;
    case CounterLabel::kReason:
      return PENSTOCK_REASON_COUNT;
    case CounterLabel::kDiscard:
      return static_cast<std::size_t>(DiscardReason::kCount);
    case CounterLabel::kConsumer:
      return static_cast<std::size_t>(Consumer::kCount);
    case CounterLabel::kPort:
      return kMaxPorts;
  }
  return 0;
}

namespace internal {

constexpr std::array<CounterLabel, kCounterCount> kLabels = {
#define X(id, name, label, unit, help) CounterLabel::label,
    PENSTOCK_COUNTERS(X)
#undef X
};

// First slot of each family; the last entry is the number of slots.
constexpr std::array<std::size_t, kCounterCount + 1> kFirstSlot = [] {
  std::array<std::size_t, kCounterCount + 1> first{};
  for (std::size_t i = 0; i < kCounterCount; ++i)
    first[i + 1] = first[i] + label_values(kLabels[i]);
  return first;
}();

}  // namespace internal

inline constexpr std::size_t kCounterSlots = internal::kFirstSlot[kCounterCount];

// Where a counter's value lies in the flat arrays below. REQUIRES: value < label_values(its label).
constexpr std::size_t counter_slot(Counter counter, std::size_t value = 0) {
  return internal::kFirstSlot[static_cast<std::size_t>(counter)] + value;
}

// The values of all counters, at about one time.
struct CounterSnapshot {
  std::array<std::uint64_t, kCounterSlots> slots{};

  std::uint64_t get(Counter counter, std::size_t value = 0) const {
    return slots[counter_slot(counter, value)];
  }
  std::uint64_t get(DiscardReason reason) const {
    return get(Counter::kDiscarded, static_cast<std::size_t>(reason));
  }
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
