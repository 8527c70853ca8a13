// One thing of the traffic changed step by step, everything else the same: the share of datagrams for the
// received port, or the length of frames. Ways and steps take turns within each round.
//
//   max       frames a second that were handled, flat out: delivered, or given to the host's stack
//   lost      of the datagrams for the port, then; host: of the frames for the host, where the way counts it
//   ns        CPU time of the whole machine for each frame at `load` frames a second, the same for all, less
//             what the same frames at that rate take into XDP_DROP. The sender's core is full at any paced
//             rate; its waiting is counted by the generator, priced by trial.h's cost_of_waiting(), and taken
//             off. A way that spins fills its core whatever comes: "-"
//   ratio     of `ns`, or of `max` for ways that spin, to the kernel filter's with the same wait, paired
//             round by round
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/paths/comparison.h"
#include "bench/paths/sample.h"
#include "bench/paths/stage.h"
#include "engine/base/result.h"

namespace penstock {

struct SweepConfig {
  ComparisonConfig comparison{};  // no search
  std::vector<Traffic> steps{};
  std::uint64_t load = 300'000;  // frames a second, for `ns`
};

// What the issue asks for: 100, 50, 10 and 1 % of frames of 1,245 bytes; 64 to 1,270 bytes, all for the port.
std::vector<Traffic> share_steps();
std::vector<Traffic> length_steps();

struct SweepCell {
  Traffic traffic{};
  std::string way{};
  Sample max{};           // frames a second
  Sample lost{};          // flat out
  Sample host_lost{};     // flat out; of ways that count it
  Sample cost{};          // ns a frame at the load; empty of ways that spin
  Sample lost_at_load{};  // likewise
  bool kept_rate = true;  // the sender did, each time
};

struct Sweep {
  SweepConfig config{};
  std::string kernel{};
  Sample waiting{};                // ns a wait of the generator
  Sample baseline{};               // ns a frame into XDP_DROP at the load, all steps
  std::vector<SweepCell> cells{};  // step by step, ways within
};

// Errors: a peer that cannot tell the port's frames from others, when there are others.
Result<Sweep> run_sweep(const SweepConfig& config, const std::function<void(const std::string&)>& progress);

std::string to_table(const Sweep& sweep);
std::string to_json(const Sweep& sweep);

}  // namespace penstock
