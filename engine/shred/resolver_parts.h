// Small things that the resolver's sources share.
//
// Thread safety: pure functions.
#pragma once

#include <cstring>
#include <span>

#include "engine/shred/fec_resolver.h"

namespace penstock {

inline AddResult rejected(RejectReason reason) {
  return {ShredOutcome::kRejected, reason};
}

inline bool signed_by(const SetRecord& record, std::span<const std::byte> head) {
  return std::memcmp(record.signature.data(), head.data(), kSignatureSize) == 0;
}

inline std::span<const std::byte> proof_of(std::span<const std::byte> shred, const ShredLayout& layout) {
  return shred.subspan(layout.proof, layout.proof_length * kProofEntrySize);
}

}  // namespace penstock
