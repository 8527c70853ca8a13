// When each shred of a FEC set reaches the receiver, from whom, and whether it gets there at all.
//
// ArrivalOrder::kModel, a fit to the one public capture in arrival order (testnet slot 385970984):
//   arrival = emit time of the set + latency of the shred's parent + jitter of up to 0.5 ms
//   latency   97 % of parents lognormal (latency_table.h), 3 % uniform 5..40 ms; fixed per parent and
//             leader, so drawn anew every 4 slots
//   loss      independent, plus per-parent bursts of two states: good to bad 0.0005, bad to good 0.1 a
//             packet, 0.6 lost while bad (0.30 % in all)
//   duplicate of a delivered shred, from another parent, 5..100 ms after the first
// The other orders are for rates: kEven spaces shreds evenly at the profile's rate, kSetBursts sends the
// 64 of a set 1 microsecond apart and then waits for the next set. Loss and duplicates apply there too.
//
// Each shred takes the same number of random draws whatever happens to it, so that changing a rate moves
// only what it must. Thread safety: none. Times are nanoseconds from the start of the run.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "sim/workload/arrival/parents.h"
#include "sim/workload/workload.h"

namespace penstock {

enum class ArrivalOrder { kModel, kEven, kSetBursts };

struct ArrivalConfig {
  std::uint64_t seed = 0;
  std::uint64_t pps = 4'000;  // distinct shreds a second, before loss and duplicates
  std::uint32_t sets_per_slot = 25;
  ArrivalOrder order = ArrivalOrder::kModel;
  std::uint32_t parents = 750;
  std::uint32_t loss_ppm = 0;  // independent
  bool loss_bursts = false;
  std::uint32_t duplicate_ppm = 0;
};

struct Arrival {
  Nanoseconds at = 0;
  FrameOrigin origin{};
};

// What became of the shreds so far: emitted = delivered + lost_independent + lost_in_burst.
struct ArrivalCounts {
  std::uint64_t emitted = 0;
  std::uint64_t delivered = 0;  // first copies
  std::uint64_t lost_independent = 0;
  std::uint64_t lost_in_burst = 0;
  std::uint64_t duplicates = 0;
};

class ArrivalModel {
 public:
  explicit ArrivalModel(const ArrivalConfig& config);

  // When the leader of the model sends set number `set` of the run.
  Nanoseconds emit_time(std::uint32_t set) const;
  // Appends the arrivals of set `set`, in order of member, not of time. Sets come in ascending order.
  void add_set(std::uint32_t set, std::vector<Arrival>* out) { add_set_at(set, emit_time(set), out); }
  // The same for a set that was sent at `emitted`.
  void add_set_at(std::uint32_t set, Nanoseconds emitted, std::vector<Arrival>* out);

  const ArrivalCounts& counts() const { return counts_; }
  const Parents& parents() const { return parents_; }

 private:
  void draw_latencies(std::uint32_t leader);
  Nanoseconds first_arrival(std::uint32_t set, Nanoseconds emitted, std::uint8_t member, std::uint16_t parent,
                            Nanoseconds jitter) const;
  bool lose(std::uint16_t parent);

  ArrivalConfig config_;
  Parents parents_;
  Random random_;
  std::uint32_t leader_;                // whose latencies are drawn
  std::vector<Nanoseconds> latency_;    // by parent
  std::vector<std::uint8_t> in_burst_;  // by parent
  ArrivalCounts counts_;
};

}  // namespace penstock
