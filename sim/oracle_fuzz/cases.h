// The frames of the kernel-as-oracle test: seven of eight from the classifier's own mutator, every eighth a
// case that needs what a frame by itself cannot show: fragments that belong together, well and badly
// formed IP options, IPv6 extension headers, group destinations.
//
// A case is what must be sent together, in order. Case N depends on the host, the seed and N only; each
// has N as 8 bytes at the start of its payload, as far as its mutations leave it, and N mod 65,536 as
// its IP identification.
//
// Thread safety: none; one object, one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/classify/fuzz/frame_mutator.h"
#include "sim/oracle_fuzz/stage.h"

namespace penstock {

using Case = std::vector<FrameBytes>;

class Cases {
 public:
  // `first`: the number of the case that the first next() gives.
  Cases(const FuzzHost& host, std::uint64_t seed, std::uint64_t first = 0);

  Case next();

 private:
  static constexpr std::uint64_t kEvery = 8;

  FuzzHost host_;
  std::uint64_t seed_;
  std::uint64_t number_;
  FrameMutator mutator_;
};

}  // namespace penstock
