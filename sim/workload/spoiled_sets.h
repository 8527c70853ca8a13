// FEC sets that only their leader can make wrong, since everything about them is signed: what the hostile
// ingredients `equivocation` and `inconsistent_parity` send.
//
// Thread safety: none; scratch memory.
#pragma once

#include <cstdint>

#include "sim/workload/set_sealer.h"

namespace penstock {

class SpoiledSetMaker {
 public:
  explicit SpoiledSetMaker(const KeyPair& keys) : keys_(keys) {}

  // Makes `*spoiled` out of a good set of these keys; the same number, the same bytes.
  //   kDouble              other payload, all in order, for the same slot and FEC set index: the second root
  //                        of an equivocation
  //   kInconsistentParity  a set of its own, the number-th from the end of the slot (as a slot of 32,768
  //                        has it), one parity byte of which is wrong under a tree that covers it
  void make(SpoiledSet kind, const FecSet& good, std::uint32_t number, FecSet* spoiled);

 private:
  KeyPair keys_;
  SetSealer sealer_;
};

}  // namespace penstock
