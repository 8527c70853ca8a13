// Where everything is in a shred: sizes, offsets and the layout of every Merkle variant, as
// constants and constexpr functions. Source: shared/reference/shred-format.md sections 1 to 5,
// which cites Firedancer src/ballet/shred and Agave ledger/src/shred.
//
// All offsets are from the first byte of the shred, which is the first byte of the UDP payload. All
// integers in a shred are little-endian and unaligned. Sizes are bytes.
//
// Thread safety: constants and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock {

inline constexpr std::size_t kDataShredSize = 1203;
inline constexpr std::size_t kCodeShredSize = 1228;
inline constexpr std::size_t kMaxShredSize = kCodeShredSize;
// A repair response is a shred and this many bytes of nonce.
inline constexpr std::size_t kRepairNonceSize = 4;

inline constexpr std::size_t kSignatureSize = 64;
inline constexpr std::size_t kMerkleRootSize = 32;
inline constexpr std::size_t kProofEntrySize = 20;
inline constexpr std::size_t kDataHeadersSize = 88;
inline constexpr std::size_t kCodeHeadersSize = 89;

// Fields of the common header.
inline constexpr std::size_t kSignatureOffset = 0;
inline constexpr std::size_t kVariantOffset = 0x40;
inline constexpr std::size_t kSlotOffset = 0x41;
inline constexpr std::size_t kIndexOffset = 0x49;
inline constexpr std::size_t kVersionOffset = 0x4d;
inline constexpr std::size_t kFecSetIndexOffset = 0x4f;
// Fields of the data header.
inline constexpr std::size_t kParentOffsetOffset = 0x53;
inline constexpr std::size_t kFlagsOffset = 0x55;
inline constexpr std::size_t kSizeOffset = 0x56;
// Fields of the code header.
inline constexpr std::size_t kNumDataOffset = 0x53;
inline constexpr std::size_t kNumCodeOffset = 0x55;
inline constexpr std::size_t kPositionOffset = 0x57;

// Bits of a data shred's flags.
inline constexpr std::uint8_t kReferenceTickMask = 0x3f;
inline constexpr std::uint8_t kDataComplete = 0x40;
inline constexpr std::uint8_t kLastInSlot = 0xc0;  // both bits: last in slot implies data complete

// A FEC set is 32 data and 32 code shreds (SIMD-0317).
inline constexpr std::uint32_t kFecDataShreds = 32;
inline constexpr std::uint32_t kFecCodeShreds = 32;
inline constexpr std::uint32_t kFecSetShreds = kFecDataShreds + kFecCodeShreds;
// The Merkle proof length of a tree with 64 leaves.
inline constexpr unsigned kFecProofLength = 6;
// The index limit of a slot of 400 ms; shorter slots have a lower one (SIMD-0525).
inline constexpr std::uint32_t kMaxShredIndex = 32'768;

enum class ShredKind : std::uint8_t { kData, kCode };

// What the high nibble of a variant byte says. Chained is the only live form, so it needs no flag.
enum class ShredType : std::uint8_t {
  kCode = 0x6,
  kCodeResigned = 0x7,
  kData = 0x9,
  kDataResigned = 0xb,
};

// The variant bytes on the wire today, with the proof length of a full set.
inline constexpr std::uint8_t kDataVariant = 0x96;
inline constexpr std::uint8_t kCodeVariant = 0x66;
inline constexpr std::uint8_t kDataResignedVariant = 0xb6;
inline constexpr std::uint8_t kCodeResignedVariant = 0x76;

constexpr bool is_chained_merkle(std::uint8_t variant) {
  const unsigned nibble = variant >> 4;
  return nibble == 0x6 || nibble == 0x7 || nibble == 0x9 || nibble == 0xb;
}

// The next three need is_chained_merkle(variant).
constexpr ShredKind kind_of(std::uint8_t variant) {
  return (variant & 0x80) != 0 ? ShredKind::kData : ShredKind::kCode;
}
constexpr bool is_resigned(std::uint8_t variant) {
  return (variant & 0xf0) == 0x70 || (variant & 0xf0) == 0xb0;
}
constexpr unsigned proof_length_of(std::uint8_t variant) {
  return variant & 0x0f;
}

// The byte map of one variant. Ranges are [begin, end).
struct ShredLayout {
  std::uint16_t total = 0;                    // nominal length; bytes behind it are no part of the shred
  std::uint16_t payload_begin = 0;            // end of the headers
  std::uint16_t payload_end = 0;              // also the largest value of a data shred's size field
  std::uint16_t erasure_begin = 0;            // Reed-Solomon covers [erasure_begin, payload_end)
  std::uint16_t chained_root = 0;             // 32 bytes
  std::uint16_t proof = 0;                    // proof_length entries of 20 bytes; the leaf input ends here
  std::uint16_t retransmitter_signature = 0;  // 64 bytes; 0 when the variant has none
  std::uint8_t proof_length = 0;

  constexpr std::size_t payload_capacity() const { return payload_end - payload_begin; }
  constexpr std::size_t erasure_size() const { return payload_end - erasure_begin; }
  // The Merkle leaf covers [kSignatureSize, proof), so the chained root too.
  constexpr std::size_t leaf_size() const { return proof - kSignatureSize; }
};

// The layout of any chained Merkle variant. The trailer is chained root, proof, retransmitter
// signature; it is anchored to the nominal length. Needs is_chained_merkle(variant).
constexpr ShredLayout layout_of(std::uint8_t variant) {
  const bool data = kind_of(variant) == ShredKind::kData;
  const std::size_t total = data ? kDataShredSize : kCodeShredSize;
  const std::size_t resigned_size = is_resigned(variant) ? kSignatureSize : 0;
  const std::size_t proof = total - resigned_size - kProofEntrySize * proof_length_of(variant);
  const std::size_t chained_root = proof - kMerkleRootSize;
  ShredLayout layout;
  layout.total = static_cast<std::uint16_t>(total);
  layout.payload_begin = data ? kDataHeadersSize : kCodeHeadersSize;
  layout.payload_end = static_cast<std::uint16_t>(chained_root);
  layout.erasure_begin = data ? kSignatureSize : kCodeHeadersSize;
  layout.chained_root = static_cast<std::uint16_t>(chained_root);
  layout.proof = static_cast<std::uint16_t>(proof);
  layout.retransmitter_signature =
      static_cast<std::uint16_t>(is_resigned(variant) ? total - kSignatureSize : 0);
  layout.proof_length = static_cast<std::uint8_t>(proof_length_of(variant));
  return layout;
}

// What a full FEC set of either kind carries.
inline constexpr std::size_t kFecSetPayload = kFecDataShreds * layout_of(kDataVariant).payload_capacity();
inline constexpr std::size_t kResignedFecSetPayload =
    kFecDataShreds * layout_of(kDataResignedVariant).payload_capacity();

}  // namespace penstock
