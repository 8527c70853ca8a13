// The one table of counters, as data: names, labels, units, help. Who counts and who reads: counters.h.
//
// A row with a label is a family of counters, one a label value. Kinds of label:
//   none      one counter;
//   reason    a reason of the classifier (PENSTOCK_REASONS in bpf/classify.h);
//   discard   why the engine threw a received frame away (DiscardReason);
//   consumer  who reads a link (Consumer);
//   port      the index of a listed port in the receiver's configuration (0 .. kMaxPorts - 1);
//   tile      a tile of the engine (TileKind);
//   reject    why the shred stage did not use a payload (RejectReason in engine/shred/reject_reason.h);
//   hop       how long a hop took at most (hop_buckets.h): each counts those of the shorter ones too.
//
// Thread safety: constants and pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bpf/classify.h"
#include "engine/metrics/hop_buckets.h"
#include "engine/shred/reject_reason.h"

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
#define PENSTOCK_CONSUMERS(X) \
  X(kReturn, "return")        \
  X(kShred, "shred")          \
  X(kSink, "sink")            \
  X(kOutlet, "outlet")        \
  X(kCapture, "capture")

enum class Consumer : std::uint8_t {
#define X(id, name) id,
  PENSTOCK_CONSUMERS(X)
#undef X
      kCount
};

// The tiles, by the duty that one thread has each; "pen-NAME" in `top -H`. X(identifier, name)
#define PENSTOCK_TILES(X) \
  X(kNet, "net")          \
  X(kReturn, "return")    \
  X(kShred, "shred")      \
  X(kSink, "sink")        \
  X(kOutlet, "outlet")

enum class TileKind : std::uint8_t {
#define X(id, name) id,
  PENSTOCK_TILES(X)
#undef X
      kCount
};

enum class CounterLabel : std::uint8_t { kNone, kReason, kDiscard, kConsumer, kPort, kReject, kTile, kHop };
enum class CounterUnit : std::uint8_t { kFrames, kBytes, kCalls, kShreds, kSets, kTimes };

// X(identifier, name, label, unit, help)
#define PENSTOCK_COUNTERS(X)                                                                                \
  X(kXdpPass, "xdp_pass", kReason, kFrames, "Frames that the XDP program left to the host's stack")         \
  X(kXdpRedirect, "xdp_redirect", kNone, kFrames, "Frames that the XDP program redirected to a socket")     \
  X(kRxDescriptors, "rx_descriptors", kNone, kFrames, "Frames taken from the RX rings")                     \
  X(kRxBytes, "rx_bytes", kNone, kBytes, "Bytes of the frames taken from the RX rings")                     \
  X(kRxRingFull, "rx_ring_full", kNone, kFrames, "Frames lost by the kernel: RX ring full")                 \
  X(kRxDropped, "rx_dropped", kNone, kFrames,                                                               \
    "Frames lost by the kernel: fill ring empty, or longer than a chunk")                                   \
  X(kRxFillRingEmpty, "rx_fill_ring_empty_descs", kNone, kCalls,                                            \
    "Failed takes from the fill ring: in copy mode the same frames as in rx_dropped, a diagnosis only")     \
  X(kRxInvalidDescs, "rx_invalid_descs", kNone, kFrames, "Descriptors that the kernel found invalid")       \
  X(kFilterPass, "filter_pass", kReason, kFrames, "Frames that the userspace filter found not ours")        \
  X(kPublished, "published", kPort, kFrames, "Datagrams of the fast way in handed to the first consumer")   \
  X(kPublishedBytes, "published_bytes", kPort, kBytes, "Payload bytes of the published datagrams")          \
  X(kReturnedToHost, "returned_to_host", kNone, kFrames, "Frames not ours, handed to the return tile")      \
  X(kReturnWritten, "return_written", kNone, kFrames, "Frames that the return tile gave to the host")       \
  X(kTapError, "tap_error", kNone, kFrames, "Frames that the return tile's TAP refused")                    \
  X(kOverrun, "overrun", kConsumer, kFrames, "Frames overwritten before the consumer of a link was done")   \
  X(kDiscarded, "discarded", kDiscard, kFrames, "Frames received and thrown away by the engine")            \
  X(kSlowWayRx, "slow_way_rx", kNone, kFrames, "Datagrams that the companion socket received")              \
  X(kSlowWayPublished, "slow_way_published", kPort, kFrames,                                                \
    "Datagrams of the companion socket handed to the first consumer")                                       \
  X(kSlowWayDiscarded, "slow_way_discarded", kDiscard, kFrames,                                             \
    "Datagrams of the companion socket thrown away by the engine")                                          \
  X(kSlowWayDropped, "slow_way_dropped", kNone, kFrames,                                                    \
    "Datagrams that the kernel dropped at the companion socket: buffer full, or bad UDP checksum")          \
  X(kHopShred, "hop_shred", kHop, kTimes,                                                                   \
    "Sampled hops from a net thread to behind the shred stage's batch, by seconds at most")                 \
  X(kHopSink, "hop_sink", kHop, kTimes,                                                                     \
    "Sampled hops from a net thread to behind the batch of a sink on its own thread, likewise")             \
  X(kHopOutlet, "hop_outlet", kHop, kTimes,                                                                 \
    "Sampled hops from a net thread to behind the batch of an outlet without shred stage, likewise")        \
  X(kSinkConsumed, "sink_consumed", kNone, kFrames, "Datagrams that the sink took, the slow way's too")     \
  X(kSinkBytes, "sink_bytes", kNone, kBytes, "Payload bytes of the datagrams that the sink took")           \
  X(kSocketRx, "socket_rx", kNone, kFrames, "Datagrams that the io_uring or UDP receiver received")         \
  X(kSocketDrop, "socket_drop", kNone, kFrames,                                                             \
    "Datagrams that the kernel dropped at the receiver's UDP sockets: buffer full, or bad UDP checksum")    \
  X(kRxWakeups, "rx_wakeups", kNone, kCalls, "System calls that woke the kernel's receive side")            \
  X(kRxWaits, "rx_waits", kNone, kCalls, "System calls that waited for frames")                             \
  X(kNapiOnTileCore, "napi_on_tile_core", kNone, kTimes,                                                    \
    "Times that a spinning net thread found the kernel to receive on its core, and slept instead")          \
  X(kTileStalls, "tile_stalls", kTile, kTimes,                                                              \
    "Times that the watchdog found a tile standing still for 0.8 s")                                        \
  X(kOutletPublished, "outlet_published", kNone, kFrames,                                                   \
    "Payloads put into shared memory for other processes")                                                  \
  X(kOutletReaders, "outlet_readers", kNone, kTimes, "Times that a reader came to the outlet")              \
  X(kOutletRefused, "outlet_refused", kNone, kTimes,                                                        \
    "Times that a reader was turned away: too many, or no descriptors left")                                \
  X(kOutletLost, "outlet_lost", kNone, kFrames,                                                             \
    "Payloads by which readers of the outlet were overrun, as they say themselves")                         \
  X(kForwardSent, "forward_sent", kNone, kFrames, "Payloads sent to the socket that they are forwarded to") \
  X(kForwardRefused, "forward_refused", kNone, kFrames,                                                     \
    "Payloads that were forwarded while nobody listened there")                                             \
  X(kForwardDropped, "forward_dropped", kNone, kFrames, "Payloads that could not be forwarded")             \
  X(kCaptureWritten, "capture_written", kNone, kFrames, "Datagrams written to capture files")               \
  X(kCaptureBytes, "capture_bytes", kNone, kBytes, "Bytes of the blocks that hold them in the files")       \
  X(kCaptureDropped, "capture_dropped", kNone, kFrames,                                                     \
    "Datagrams that were not captured since the disk refused them, full or broken")                         \
  X(kCaptureFiles, "capture_files", kNone, kTimes, "Capture files begun")                                   \
  X(kShredConsumed, "shred_consumed", kNone, kShreds, "Payloads that the shred stage took from its links")  \
  X(kShredAccepted, "shred_accepted", kNone, kShreds,                                                       \
    "Shreds proven and kept; their set was not finished yet")                                               \
  X(kShredDuplicate, "shred_duplicate", kNone, kShreds, "Shreds that were there before")                    \
  X(kShredLate, "shred_late", kNone, kShreds,                                                               \
    "Missing members of finished sets: no cryptography is spent on them")                                   \
  X(kShredHeld, "shred_held", kNone, kShreds,                                                               \
    "Shreds held back during a flood of forgeries until more of their set comes")                           \
  X(kShredReleased, "shred_released", kNone, kShreds,                                                       \
    "Held shreds that were since accepted or discarded, and are counted there")                             \
  X(kShredDiscarded, "shred_discarded", kReject, kShreds, "Payloads that the shred stage threw away")       \
  X(kShredTrailing, "shred_trailing_bytes", kNone, kShreds,                                                 \
    "Shreds with bytes behind them, which are tolerated")                                                   \
  X(kShredConflicts, "shred_conflicts", kNone, kSets,                                                       \
    "Sets for which a second root was signed: equivocation")                                                \
  X(kShredSignatureChecks, "shred_signature_checks", kNone, kShreds, "Shreds that cost an Ed25519 check")   \
  X(kShredNegativeHits, "shred_negative_hits", kNone, kShreds,                                              \
    "Forgeries known from the negative cache, which cost no check")                                         \
  X(kFecSetsOpened, "fec_sets_opened", kNone, kSets, "FEC sets whose first member was proven")              \
  X(kFecSetsFinished, "fec_sets_finished", kNone, kSets,                                                    \
    "FEC sets all of whose 64 shreds are there, received or rebuilt")                                       \
  X(kFecSetsFailed, "fec_sets_failed", kNone, kSets,                                                        \
    "FEC sets that contradict their signed root or themselves")                                             \
  X(kFecSetsDropped, "fec_sets_dropped", kNone, kSets,                                                      \
    "FEC sets given up before they had 32 members: rooted, or pushed out")                                  \
  X(kFecSetsRule8, "fec_sets_rule_eight_broken", kNone, kSets,                                              \
    "Finished FEC sets that break set rule 8 of SIMD-0504, which is only reported")

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
// The label's own name: "reason", "consumer", "port", "tile" or "le"; empty for CounterLabel::kNone.
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
    case CounterLabel::kReject:
      return kRejectReasons - 1;  // kNone is no reason to count
    case CounterLabel::kTile:
      return static_cast<std::size_t>(TileKind::kCount);
    case CounterLabel::kHop:
      return kHopBuckets;
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

// The label value of `reason`, which must not be kNone.
constexpr std::size_t reject_value(RejectReason reason) {
  return static_cast<std::size_t>(reason) - 1;
}

}  // namespace penstock
