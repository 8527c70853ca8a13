// From the proof to the root to the signature.
#include "sim/turbine/resigner.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/shred/parse.h"

namespace penstock {

void Resigner::resign(std::span<std::byte> shred) {
  const ParsedShred parsed = parse_shred(shred);
  PENSTOCK_CHECK(parsed.ok());
  const ShredLayout layout = layout_of(parsed.header.variant);
  if (layout.retransmitter_signature == 0) return;
  MerkleHash root;
  const auto proof = shred.subspan(layout.proof, std::size_t{layout.proof_length} * kProofEntrySize);
  if (!hasher_.fold(hasher_.leaf_of(shred, layout), parsed.header.member(), proof, root)) return;
  if (signatures_ == 0 || root != root_) {
    root_ = root;
    signature_ = sign(keys_, root);
    ++signatures_;
  }
  std::copy(signature_.begin(), signature_.end(), shred.begin() + layout.retransmitter_signature);
  ++resigned_;
}

}  // namespace penstock
