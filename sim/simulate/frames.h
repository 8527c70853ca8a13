// The bytes of simulated frames. A frame's bytes depend on what the plan says of it and on the seed alone, so
// that leaving others out changes nothing in it.
//
// Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/classify/fuzz/frame_mutator.h"
#include "sim/simulate/plan.h"

namespace penstock {

class SimFrames {
 public:
  explicit SimFrames(std::uint64_t seed);

  // The frame as it comes off the wire.
  std::vector<std::byte> bytes_of(const SimFrame& frame);

 private:
  const std::vector<std::byte>& mutant(std::uint32_t number);

  FrameMutator mutator_;
  std::vector<std::vector<std::byte>> mutants_;  // made so far, by number
};

}  // namespace penstock
