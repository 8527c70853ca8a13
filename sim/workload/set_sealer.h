// The last steps of making a FEC set: parity, Merkle tree, signature, proofs. Source:
// shared/reference/shred-format.md sections 6, 7 and 14.
//
// Thread safety: none; scratch memory. No allocation after construction.
#pragma once

#include <memory>

#include "engine/shred/merkle.h"
#include "engine/shred/reed_solomon.h"
#include "engine/shred/signature.h"
#include "sim/workload/shred_source.h"

namespace penstock {

class SetSealer {
 public:
  SetSealer();

  // The parity of the 32 data shreds, whose payload areas are as they shall be, into the code shreds.
  void encode(FecSet& set) const;

  // Signs what headers, payload, parity and chained roots of all 64 members say now, and gives each its
  // signature and proof. Returns the root.
  const MerkleHash& seal(const KeyPair& keys, FecSet& set);

 private:
  std::unique_ptr<const ReedSolomon> reed_solomon_;
  MerkleHasher hasher_;
  MerkleTree tree_;
};

// The layout of a member of this set.
ShredLayout layout_of_member(const FecSet& set, std::size_t member);

}  // namespace penstock
