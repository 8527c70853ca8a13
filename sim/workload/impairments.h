// What goes wrong on the way: loss, duplicates, reordering, corruption, truncation, delay. Ours and seeded,
// never netem, so that the ledger of the impaired workload knows every one of them.
//
// Each frame in scope takes the same number of random draws whatever happens to it, so that changing one
// rate leaves the others' victims where they were. The order is the order of the fields below: a lost frame
// is not duplicated, a duplicate is as corrupt as its original but not delayed with it.
//
// MAC addresses are never corrupted: an observer tells a run's frames by them. A frame whose bytes change
// becomes FrameKind::kImpaired. Impairments that cannot be applied are errors, not silence.
//
// Thread safety: none. Probabilities are in parts per million, times in nanoseconds.
#pragma once

#include <cstdint>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/workload/workload.h"

namespace penstock {

// Loss in bursts, as a chain of two states (Gilbert): each frame may change the state, then may be lost.
struct BurstLoss {
  std::uint32_t begin_ppm = 0;
  std::uint32_t end_ppm = 0;
  std::uint32_t loss_ppm = 0;  // while it lasts
};

struct DelayRange {
  Nanoseconds low = 0;
  Nanoseconds high = 0;  // included
};

enum class Corruption {
  kWire,     // one bit anywhere behind the MACs; checksums are left as they were
  kPayload,  // one bit of a UDP payload, and the UDP checksum is made right again: it reaches every path
};

struct Impairments {
  bool everything = false;  // false: only frames to the TVU port (shreds and junk)
  std::uint32_t loss_ppm = 0;
  BurstLoss burst{};
  std::uint32_t corrupt_ppm = 0;
  Corruption corruption = Corruption::kPayload;
  std::uint32_t truncate_ppm = 0;  // to a random length of at least an Ethernet header
  std::uint32_t duplicate_ppm = 0;
  DelayRange duplicate_after{5 * kMillisecond, 100 * kMillisecond};
  std::uint32_t reorder_ppm = 0;  // held back, so that others overtake
  DelayRange reorder_by{kMillisecond, 20 * kMillisecond};
  DelayRange delay{};  // of every frame; a range makes jitter, and so reorders too
};

// offered = in scope before; the workload then holds offered - lost + duplicated of them.
struct ImpairmentCounts {
  std::uint64_t offered = 0;
  std::uint64_t lost = 0;
  std::uint64_t lost_in_burst = 0;  // of `lost`
  std::uint64_t corrupted = 0;
  std::uint64_t truncated = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;  // held back; whether another overtook depends on the traffic
};

// Changes `*workload` and sorts it by time again. Fails, and leaves it alone, when a probability is above
// 1,000,000, a range is upside down or negative, corruption of payloads meets a frame that is not
// IPv4/UDP with a payload, or when there is nothing in scope.
Result<ImpairmentCounts> impair(const Impairments& impairments, std::uint64_t seed, Workload* workload);

}  // namespace penstock
