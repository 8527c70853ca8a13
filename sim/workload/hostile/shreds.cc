// Hostile shreds: good datagrams to the TVU port (or the repair port) whose shred breaks one rule.
// `strict_n` is rule n of SIMD-0504.
#include <algorithm>
#include <array>
#include <cstring>

#include "engine/packet/byte_order.h"
#include "engine/shred/layout.h"
#include "sim/workload/hostile/maker.h"

namespace penstock {
namespace {

using M = HostileMaker;
constexpr auto kRepair = HostileNeeds::kRepairPort;
constexpr std::string_view kAccepted;  // as long as nothing else speaks against it

constexpr std::size_t kDataProof = layout_of(kDataVariant).proof;
constexpr std::size_t kMaxUdpPayload = 1'472;

using Bytes = std::span<std::byte>;

template <typename T>
T load(Bytes shred, std::size_t at) {
  T value{};
  std::memcpy(&value, &shred[at], sizeof(value));
  return value;
}

// A data or code shred of the chained sample, changed.
template <auto kChange>
void data(M& m) {
  const Bytes shred = m.shred(m.any_data());
  kChange(shred);
  m.add_shred(shred);
}

template <auto kChange>
void code(M& m) {
  const Bytes shred = m.shred(m.any_code());
  kChange(shred);
  m.add_shred(shred);
}

void set_variant(M& m, std::size_t member, unsigned variant) {
  const Bytes shred = m.shred(member);
  shred[kVariantOffset] = static_cast<std::byte>(variant);
  m.add_shred(shred);
}

void unknown_variant(M& m) {
  constexpr std::array kNoType = {0x06U, 0x16U, 0x26U, 0x36U, 0xc6U, 0xd6U, 0xe6U, 0xf6U};
  set_variant(m, m.any_data(), kNoType[m.random().below(kNoType.size())]);
}

// Moves a shred to another place of its slot: index and FEC set index together.
void move_to_set(Bytes shred, std::uint32_t fec_set_index) {
  const std::uint32_t position =
      load<std::uint32_t>(shred, kIndexOffset) - load<std::uint32_t>(shred, kFecSetIndexOffset);
  store_le32(&shred[kFecSetIndexOffset], fec_set_index);
  store_le32(&shred[kIndexOffset], fec_set_index + position);
}

void flip_one_bit(M& m, Bytes bytes) {
  const std::uint64_t bit = m.random().below(bytes.size() * 8);
  bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
}

void cut(M& m, std::size_t member, std::size_t shortest) {
  const Bytes shred = m.shred(member);
  m.add_shred(shred.first(m.random().between(shortest, shred.size() - 1)));
}

// A shred with `behind` random bytes after it.
std::array<std::byte, kMaxUdpPayload> extended(M& m, std::size_t behind, std::size_t* length) {
  std::array<std::byte, kMaxUdpPayload> payload{};
  const Bytes shred = m.shred(m.any_data());
  std::copy(shred.begin(), shred.end(), payload.begin());
  m.random().fill(std::span(payload).subspan(shred.size(), behind));
  *length = shred.size() + behind;
  return payload;
}

void trailing_bytes(M& m) {
  std::size_t length = 0;
  const auto payload = extended(m, m.random().between(1, kMaxUdpPayload - kDataShredBytes), &length);
  m.add_shred(std::span(payload).first(length));
}

void repair_response(M& m, std::size_t behind) {
  std::size_t length = 0;
  const auto payload = extended(m, behind, &length);
  m.add_datagram(std::span(payload).first(length), m.repair_port());
}

// All in order but the leader's signature: a set of its own, so that it is not taken for a known one.
void forged_signature(M& m) {
  const Bytes shred = m.shred(m.any_data());
  m.random().fill(shred.first(64));
  move_to_set(shred, static_cast<std::uint32_t>(32 * m.random().between(100, 1'000)));
  m.random().fill(shred.subspan(kDataHeadersSize, 64));
  m.add_shred(shred);
}

// One bit of [from, to) of a data shred.
void flipped(M& m, std::size_t from, std::size_t to) {
  const Bytes shred = m.shred(m.any_data());
  flip_one_bit(m, shred.subspan(from, to - from));
  m.add_shred(shred);
}

void retransmitter_signature(M& m) {
  const Bytes shred = m.shred(m.any_data(), true);
  flip_one_bit(m, shred.last(kRetransmitterSignatureBytes));
  m.add_shred(shred);
}

void parent_beyond_slot(M& m) {
  const Bytes shred = m.shred(m.any_data());
  store_le64(&shred[kSlotOffset], std::min<std::uint64_t>(load<std::uint64_t>(shred, kSlotOffset), 1'000));
  store_le16(&shred[kParentOffsetOffset], 1'001);
  m.add_shred(shred);
}

void position_above_index(M& m) {
  const Bytes shred = m.shred(kDataShredsInSet);  // position 0
  store_le32(&shred[kFecSetIndexOffset], 0);
  store_le32(&shred[kIndexOffset], 3);
  store_le16(&shred[kPositionOffset], 4);
  m.add_shred(shred);
}

void position_off(M& m) {
  const Bytes shred = m.shred(kShredsInSet - 1);  // position 31
  store_le16(&shred[kPositionOffset], 30);
  m.add_shred(shred);
}

// A member of a second set for the sample's place.
void equivocation(M& m) {
  m.wait_for_sample();
  const FecSet& twice = m.spoiled(SpoiledSet::kDouble, 0);
  m.add_shred(twice.member(m.random().below(kShredsInSet)));
}

// A whole set, data first.
void inconsistent_parity(M& m) {
  const FecSet& bad = m.spoiled(SpoiledSet::kInconsistentParity, static_cast<std::uint32_t>(m.number() % 64));
  for (std::size_t member = 0; member < kShredsInSet; ++member)
    m.add_shred(bad.member(member));
}

const std::array kShreds = {
    shred("short_payload", "0 to 87 bytes", "length",
          [](M& m) { m.add_shred(m.shred(m.any_data()).first(m.random().below(88))); }),
    shred("data_shred_cut", "a data shred of 88 to 1,202 bytes", "length",
          [](M& m) { cut(m, m.any_data(), 88); }),
    shred("code_shred_cut", "a code shred of 89 to 1,227 bytes", "length",
          [](M& m) { cut(m, m.any_code(), 89); }),
    shred("trailing_bytes", "a shred with up to 269 bytes behind it: tolerated", kAccepted, trailing_bytes),
    shred(
        "repair_short", "a repair response one byte short of its nonce", "length",
        [](M& m) { repair_response(m, kRepairNonceSize - 1); }, kRepair),
    shred(
        "repair_long", "a repair response with a byte behind its nonce", "length",
        [](M& m) { repair_response(m, kRepairNonceSize + 1); }, kRepair),
    shred(
        "repair_wrong_nonce", "a repair response that answers no request", "nonce",
        [](M& m) { repair_response(m, kRepairNonceSize); }, kRepair),
    shred("unknown_variant", "a high nibble that is no type", "variant", unknown_variant),
    shred("legacy_data", "variant 0xA5", "variant", [](M& m) { set_variant(m, m.any_data(), 0xa5); }),
    shred("legacy_code", "variant 0x5A", "variant", [](M& m) { set_variant(m, m.any_code(), 0x5a); }),
    shred("unchained_data", "variant 0x86", "variant", [](M& m) { set_variant(m, m.any_data(), 0x86); }),
    shred("unchained_code", "variant 0x46", "variant", [](M& m) { set_variant(m, m.any_code(), 0x46); }),
    shred("wrong_version", "shred version of another cluster", "version",
          data<[](Bytes s) { s[kVersionOffset] ^= std::byte{1}; }>),
    shred("far_future_slot", "a slot a thousand million ahead", "slot_window", data<[](Bytes s) {
            store_le64(&s[kSlotOffset], load<std::uint64_t>(s, kSlotOffset) + 1'000'000'000);
          }>),
    shred("old_slot", "slot 0, long rooted", "slot_window",
          code<[](Bytes s) { store_le64(&s[kSlotOffset], 0); }>),
    shred("index_beyond_limit", "FEC set 32,768", "strict_2",
          data<[](Bytes s) { move_to_set(s, kMaxShredIndex); }>),
    shred("index_outside_set", "an index 32 above its set's", "strict_3",
          data<[](Bytes s) { store_le32(&s[kIndexOffset], load<std::uint32_t>(s, kIndexOffset) + 32); }>),
    shred("misaligned_set", "a FEC set index that is no multiple of 32", "strict_4",
          data<[](Bytes s) { move_to_set(s, load<std::uint32_t>(s, kFecSetIndexOffset) + 1); }>),
    shred("proof_length", "a proof of 5 nodes", "strict_7", [](M& m) { set_variant(m, m.any_data(), 0x95); }),
    shred("last_without_complete", "last in slot without data complete", "strict_8",
          data<[](Bytes s) { s[kFlagsOffset] = (s[kFlagsOffset] & std::byte{0x3f}) | std::byte{0x80}; }>),
    shred("data_complete_misplaced", "data complete before the last of the set", "strict_9",
          data<[](Bytes s) { s[kFlagsOffset] |= std::byte{0x40}; }>),
    shred("last_in_slot_misplaced", "last in slot before the last of the set", "strict_9",
          data<[](Bytes s) { s[kFlagsOffset] |= std::byte{0xc0}; }>),
    shred("parent_beyond_slot", "a parent offset larger than the slot", "strict_10", parent_beyond_slot),
    shred("parent_offset_zero", "parent offset 0 outside slot 0", "strict_11",
          data<[](Bytes s) { store_le16(&s[kParentOffsetOffset], 0); }>),
    shred("size_too_small", "size 87", "strict_12", data<[](Bytes s) { store_le16(&s[kSizeOffset], 87); }>),
    shred("size_too_large", "size 1,052", "strict_12",
          data<[](Bytes s) { store_le16(&s[kSizeOffset], 1'052); }>),
    shred("position_beyond_set", "code position 32", "strict_13",
          code<[](Bytes s) { store_le16(&s[kPositionOffset], 32); }>),
    shred("position_above_index", "a code position larger than the index", "strict_14", position_above_index),
    shred("not_32_32", "31 data shreds", "strict_15",
          code<[](Bytes s) { store_le16(&s[kNumDataOffset], 31); }>),
    shred("position_off", "a code position that is not index - set", "strict_16", position_off),
    shred("forged_signature", "a random signature on a set of its own", "signature", forged_signature),
    shred("payload_flipped", "one bit of the payload; needs its set in progress", "merkle",
          [](M& m) { flipped(m, kDataHeadersSize, kDataProof); }),
    shred("proof_flipped", "one bit of the Merkle proof; needs its set in progress", "merkle",
          [](M& m) { flipped(m, kDataProof, kDataShredBytes); }),
    shred("retransmitter_signature_flipped",
          "one bit of a resigned shred's last 64 bytes: accepted, or a duplicate", kAccepted,
          retransmitter_signature),
    shred("equivocation", "a member of a second signed set for the first set's place", "conflict",
          equivocation, HostileNeeds::kLeader),
    shred("inconsistent_parity",
          "a signed set of its own whose parity contradicts its data: 31 accepted, 33 not", "recovery",
          inconsistent_parity, HostileNeeds::kLeader),
    shred("exact_duplicate", "a shred as it is: accepted, or a duplicate", kAccepted, data<[](Bytes) {}>),
};

}  // namespace

std::span<const HostileIngredient> hostile_shreds() {
  return kShreds;
}

}  // namespace penstock
