// What a retransmitter does to a resigned shred before it sends it on: its own signature over the set's
// Merkle root takes the place of the one before (Agave's resign_shred(), ledger/src/shred/wire.rs).
//
// One signature a set: the last root is remembered with its signature. The proof is followed but nothing is
// verified: a root that no leader signed is signed too, and the shred is as bad as it came.
//
// Thread safety: none; one resigner, one thread. No allocation after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/shred/merkle.h"
#include "engine/shred/signature.h"

namespace penstock {

class Resigner {
 public:
  explicit Resigner(const KeyPair& keys) : keys_(keys) {}

  // `shred`: as parse_shred() takes it; bytes behind it stay. Leaves variants without such a signature alone,
  // and shreds whose proof is too short for their place in the set.
  void resign(std::span<std::byte> shred);

  std::uint64_t resigned() const { return resigned_; }      // shreds
  std::uint64_t signatures() const { return signatures_; }  // that were made

 private:
  KeyPair keys_;
  MerkleHasher hasher_;
  MerkleHash root_{};  // that signature_ is of; valid once signatures_ > 0
  Signature signature_{};
  std::uint64_t resigned_ = 0;
  std::uint64_t signatures_ = 0;
};

}  // namespace penstock
