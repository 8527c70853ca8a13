// Rebuilding, then doubting everything.
#include "engine/shred/set_recovery.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/base/check.h"
#include "engine/shred/parse.h"

namespace penstock {
namespace {

bool has(std::uint64_t members, std::size_t member) {
  return (members >> member & 1) != 0;
}

void copy_range(std::span<const std::byte> from, std::span<std::byte> to, std::size_t offset,
                std::size_t size) {
  std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(offset), size,
              to.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

bool SetRecovery::recover(MerkleHasher& hasher, const SetRecord& record, SetMemory& memory) {
  PENSTOCK_CHECK(std::popcount(record.seen) == static_cast<int>(kFecDataShreds));
  // Only a tree with 64 leaves can be rebuilt. Compat mode lets other proof lengths come this far.
  if (proof_length_of(record.data_variant) != kFecProofLength) return false;
  if (!rebuild(hasher, record, memory) || !consistent(record, memory)) return false;
  write_proofs(record, memory);
  return true;
}

bool SetRecovery::rebuild(MerkleHasher& hasher, const SetRecord& record, SetMemory& memory) {
  const ShredLayout data = layout_of(record.data_variant);
  const ShredLayout code = layout_of(record.code_variant);
  ErasureShards ranges;
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    const ShredLayout& layout = i < kFecDataShreds ? data : code;
    ranges[i] = memory.member(i, layout.total).data() + layout.erasure_begin;
  }
  reed_solomon_.recover(ranges, data.erasure_size(), record.seen, ~record.seen);

  const auto known = static_cast<std::size_t>(std::countr_zero(record.seen));
  const ShredLayout& known_layout = known < kFecDataShreds ? data : code;
  const auto source = std::as_const(memory).member(known, known_layout.total);
  ShredHeader code_header{.slot = record.key.slot,
                          .fec_set_index = record.key.fec_set_index,
                          .version = parse_shred(source).header.version,
                          .variant = record.code_variant,
                          .num_data = kFecDataShreds,
                          .num_code = kFecCodeShreds};
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    if (has(record.seen, i)) {
      tree_.leaf(i) = memory.leaves[i];
      continue;
    }
    const ShredLayout& layout = i < kFecDataShreds ? data : code;
    const std::span<std::byte> shred = memory.member(i, layout.total);
    if (i >= kFecDataShreds) {
      code_header.position = static_cast<std::uint16_t>(i - kFecDataShreds);
      code_header.index = record.key.fec_set_index + code_header.position;
      write_shred_header(code_header, shred);
    }
    copy_range(source, shred, kSignatureOffset, kSignatureSize);
    std::copy_n(source.begin() + known_layout.chained_root, kMerkleRootSize,
                shred.begin() + layout.chained_root);
    if (layout.retransmitter_signature != 0) {
      std::fill_n(shred.begin() + layout.retransmitter_signature, kSignatureSize, std::byte{0});
    }
  }
  hash_rebuilt(hasher, record, memory);
  tree_.build(hasher);
  return tree_.root() == record.root;
}

// The leaves of what was not seen: 32, so in pairs.
void SetRecovery::hash_rebuilt(MerkleHasher& hasher, const SetRecord& record, const SetMemory& memory) {
  const auto input_of = [&](std::size_t i) {
    const ShredLayout layout = layout_of(record.variant_of(i));
    return memory.member(i, layout.total).subspan(kSignatureSize, layout.leaf_size());
  };
  for (std::uint64_t left = ~record.seen; left != 0;) {
    const auto first = static_cast<std::size_t>(std::countr_zero(left));
    left &= left - 1;
    const auto second = static_cast<std::size_t>(std::countr_zero(left));
    left &= left - 1;
    hasher.leaf_pair(input_of(first), input_of(second), tree_.leaf(first), tree_.leaf(second));
  }
}

// The root only says that the leader signed these bytes. This says that they make one set.
bool SetRecovery::consistent(const SetRecord& record, const SetMemory& memory) const {
  const auto first = memory.member(0, layout_of(record.data_variant).total);
  const ShredHeader reference = parse_shred(first).header;
  const auto chained_root = first.subspan(layout_of(record.data_variant).chained_root, kMerkleRootSize);
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    const ShredLayout layout = layout_of(record.variant_of(i));
    const auto shred = memory.member(i, layout.total);
    const ParsedShred parsed = parse_shred(shred);
    if (!parsed.ok() || check_rules(parsed.header, limits_, mode_) != RejectReason::kNone) return false;
    const ShredHeader& header = parsed.header;
    const bool same =
        header.variant == record.variant_of(i) && key_of(header) == record.key && header.member() == i &&
        header.version == reference.version &&
        (!header.is_data() || header.parent_offset == reference.parent_offset) &&
        std::equal(chained_root.begin(), chained_root.end(), shred.begin() + layout.chained_root);
    if (!same) return false;
  }
  return true;
}

void SetRecovery::write_proofs(const SetRecord& record, SetMemory& memory) const {
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    if (has(record.seen, i)) continue;
    const ShredLayout layout = layout_of(record.variant_of(i));
    tree_.write_proof(i, memory.member(i, layout.total).subspan(layout.proof));
  }
}

bool follows_rule_8(const SetRecord& record, const SetMemory& memory) {
  const ShredLayout layout = layout_of(record.data_variant);
  bool short_before = false;
  ShredHeader header;
  for (std::size_t i = 0; i < kFecDataShreds; ++i) {
    header = parse_shred(memory.member(i, layout.total)).header;
    if (short_before && header.size != kDataHeadersSize) return false;
    if (header.size < layout.payload_end) short_before = true;
  }
  return !short_before || (header.flags & kDataComplete) != 0;
}

}  // namespace penstock
