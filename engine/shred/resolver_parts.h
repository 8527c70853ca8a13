// Small things that the resolver's sources share.
//
// Thread safety: pure functions.
#pragma once

#include <span>

#include "engine/shred/fec_resolver.h"

namespace penstock {

inline AddResult rejected(RejectReason reason) {
  return {ShredOutcome::kRejected, reason};
}

inline std::span<const std::byte> proof_of(std::span<const std::byte> shred, const ShredLayout& layout) {
  return shred.subspan(layout.proof, layout.proof_length * kProofEntrySize);
}

}  // namespace penstock
