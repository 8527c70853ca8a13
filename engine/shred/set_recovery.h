// Recovery of a FEC set from 32 of its members, checked against the root that its leader signed.
// Source: shared/reference/shred-format.md section 6, receive-checks.md section 3 (both families of rules
// hold for recovered shreds too).
//
// Thread safety: a SetRecovery holds scratch memory: one object, one thread. No allocation after
// construction.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/shred/merkle.h"
#include "engine/shred/reed_solomon.h"
#include "engine/shred/rules.h"
#include "engine/shred/set_table.h"

namespace penstock {

class SetRecovery {
 public:
  SetRecovery(const RuleLimits& limits, RuleMode mode) : limits_(limits), mode_(mode) {}

  // `record.seen` must have exactly 32 members, whose shreds and leaves are in `memory`. Rebuilds the
  // other 32 there, whole shreds with chained root, signature and proof; the retransmitter signature of
  // rebuilt resigned shreds is zeros, since it would be the node's own.
  //
  // False when the whole tree does not give the signed root, or any member breaks a rule of its own, or
  // members disagree about the set: then the leader signed an inconsistent set, all of it is bad, and
  // what was written is not to be used.
  bool recover(MerkleHasher& hasher, const SetRecord& record, SetMemory& memory);

 private:
  bool rebuild(MerkleHasher& hasher, const SetRecord& record, SetMemory& memory);
  void hash_rebuilt(MerkleHasher& hasher, const SetRecord& record, const SetMemory& memory);
  bool consistent(const SetRecord& record, const SetMemory& memory) const;
  void write_proofs(const SetRecord& record, SetMemory& memory) const;

  RuleLimits limits_;
  RuleMode mode_;
  ReedSolomon reed_solomon_;
  MerkleTree tree_;
};

// Rule 8 of SIMD-0504's second family, on a finished set: behind a data shred that is not full all are
// empty, and the last has DATA_COMPLETE. Clients of August 2026 break it in the set before a slot's last
// one, so it is reported and nothing is discarded on it.
bool follows_rule_8(const SetRecord& record, const SetMemory& memory);

}  // namespace penstock
