// A straightforward maker of sets.
#include "engine/shred/testing/signed_set.h"

#include <algorithm>
#include <random>

#include "engine/shred/header.h"
#include "engine/shred/reed_solomon.h"

namespace penstock::testing {

KeyPair test_leader(unsigned number) {
  std::array<std::byte, 32> seed{};
  seed[0] = std::byte(number);
  seed[31] = std::byte{0x77};
  return key_pair_from_seed(seed);
}

SignedSet make_signed_set(const SetPlan& plan) {
  static const ReedSolomon kCode;
  static thread_local MerkleHasher hasher;
  SignedSet set;
  std::mt19937_64 random(plan.seed);
  for (std::uint32_t i = 0; i < kFecSetShreds; ++i) {
    const bool data = i < kFecDataShreds;
    ShredHeader header{.slot = plan.slot,
                       .index = plan.fec_set_index + i % 32,
                       .fec_set_index = plan.fec_set_index,
                       .version = plan.version};
    if (data) {
      header.variant = plan.resigned ? kDataResignedVariant : kDataVariant;
      header.flags = i == 31 ? plan.flags_of_last : std::uint8_t{0};
      header.parent_offset = plan.parent_offset;
      header.size = layout_of(header.variant).payload_end;
    } else {
      header.variant = plan.resigned ? kCodeResignedVariant : kCodeVariant;
      header.num_data = header.num_code = 32;
      header.position = static_cast<std::uint16_t>(i % 32);
    }
    const ShredLayout layout = layout_of(header.variant);
    set.shreds[i].resize(layout.total);
    write_shred_header(header, set.shreds[i]);
    for (std::size_t at = layout.payload_begin; data && at < layout.payload_end; ++at) {
      set.shreds[i][at] = static_cast<std::byte>(random());
    }
    if (data && plan.before_coding) plan.before_coding(i, set.shreds[i]);
  }

  const auto layout_at = [&](std::size_t i) {
    if (i < kFecDataShreds) return layout_of(plan.resigned ? kDataResignedVariant : kDataVariant);
    return layout_of(plan.resigned ? kCodeResignedVariant : kCodeVariant);
  };
  ErasureShards ranges;
  for (std::size_t i = 0; i < kFecSetShreds; ++i)
    ranges[i] = set.shreds[i].data() + layout_at(i).erasure_begin;
  kCode.encode(ranges, layout_at(0).erasure_size());

  MerkleTree tree;
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    std::copy(plan.chained_root.begin(), plan.chained_root.end(),
              set.shreds[i].begin() + layout_at(i).chained_root);
    if (plan.before_hashing) plan.before_hashing(i, set.shreds[i]);
    tree.leaf(i) = hasher.leaf_of(set.shreds[i], layout_at(i));
  }
  tree.build(hasher);
  set.root = tree.root();
  set.signature = sign(test_leader(plan.leader), set.root);
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    std::copy(set.signature.begin(), set.signature.end(), set.shreds[i].begin());
    tree.write_proof(i, std::span(set.shreds[i]).subspan(layout_at(i).proof));
  }
  return set;
}

}  // namespace penstock::testing
