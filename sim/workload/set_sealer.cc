// Leaves in pairs, as hashing likes them.
#include "sim/workload/set_sealer.h"

#include <algorithm>

namespace penstock {

ShredLayout layout_of_member(const FecSet& set, std::size_t member) {
  if (member < kFecDataShreds) return layout_of(set.resigned ? kDataResignedVariant : kDataVariant);
  return layout_of(set.resigned ? kCodeResignedVariant : kCodeVariant);
}

SetSealer::SetSealer() : reed_solomon_(std::make_unique<const ReedSolomon>()) {}

void SetSealer::encode(FecSet& set) const {
  ErasureShards ranges;
  for (std::size_t i = 0; i < kFecSetShreds; ++i)
    ranges[i] = set.member(i).data() + layout_of_member(set, i).erasure_begin;
  reed_solomon_->encode(ranges, layout_of_member(set, 0).erasure_size());
}

const MerkleHash& SetSealer::seal(const KeyPair& keys, FecSet& set) {
  const auto input_of = [&set](std::size_t i) {
    return set.member(i).subspan(kSignatureSize, layout_of_member(set, i).leaf_size());
  };
  for (std::size_t i = 0; i < kFecSetShreds; i += 2)
    hasher_.leaf_pair(input_of(i), input_of(i + 1), tree_.leaf(i), tree_.leaf(i + 1));
  tree_.build(hasher_);
  const Signature signature = sign(keys, tree_.root());
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    std::copy(signature.begin(), signature.end(), set.member(i).begin() + kSignatureOffset);
    tree_.write_proof(i, set.member(i).subspan(layout_of_member(set, i).proof));
  }
  return tree_.root();
}

}  // namespace penstock
