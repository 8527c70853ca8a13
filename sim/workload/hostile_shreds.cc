// Hostile shreds: good datagrams to the TVU port (or the repair port) whose shred breaks one rule.
// Offsets are those of a shred's headers; `strict_n` is rule n of SIMD-0504.
#include <algorithm>
#include <array>
#include <cstring>

#include "engine/packet/byte_order.h"
#include "sim/workload/hostile_maker.h"

namespace penstock {
namespace {

using M = HostileMaker;
constexpr auto kLevel = HostileLevel::kShred;

constexpr std::size_t kVariant = 0x40, kSlot = 0x41, kIndex = 0x49, kVersion = 0x4d, kFecSetIndex = 0x4f;
constexpr std::size_t kParentOffset = 0x53, kFlags = 0x55, kSize = 0x56;  // data
constexpr std::size_t kNumData = 0x53, kPosition = 0x57;                  // code
constexpr std::size_t kDataPayload = 88, kDataProof = 1'083;              // of 0x96
constexpr std::uint32_t kIndexLimit = 32'768;
constexpr std::size_t kMaxUdpPayload = 1'472;
constexpr std::size_t kNonceBytes = 4;

using Bytes = std::span<std::byte>;

template <typename T>
T load(Bytes shred, std::size_t at) {
  T value{};
  std::memcpy(&value, &shred[at], sizeof(value));
  return value;
}

// A data or code shred of the chained sample, changed.
template <typename Change>
void data(M& m, Change&& change) {
  const Bytes shred = m.shred(m.any_data());
  change(shred);
  m.add_shred(shred);
}

template <typename Change>
void code(M& m, Change&& change) {
  const Bytes shred = m.shred(m.any_code());
  change(shred);
  m.add_shred(shred);
}

void set_variant(M& m, std::size_t member, unsigned variant) {
  const Bytes shred = m.shred(member);
  shred[kVariant] = static_cast<std::byte>(variant);
  m.add_shred(shred);
}

// Moves a shred to another place of its slot: index and FEC set index together.
void move_to_set(Bytes shred, std::uint32_t fec_set_index) {
  const std::uint32_t position =
      load<std::uint32_t>(shred, kIndex) - load<std::uint32_t>(shred, kFecSetIndex);
  store_le32(&shred[kFecSetIndex], fec_set_index);
  store_le32(&shred[kIndex], fec_set_index + position);
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
  data(m, [&](Bytes shred) {
    m.random().fill(shred.first(64));
    move_to_set(shred, static_cast<std::uint32_t>(32 * m.random().between(100, 1'000)));
    m.random().fill(shred.subspan(kDataPayload, 64));
  });
}

void retransmitter_signature(M& m) {
  const Bytes shred = m.shred(m.any_data(), true);
  flip_one_bit(m, shred.last(kRetransmitterSignatureBytes));
  m.add_shred(shred);
}

void position_above_index(M& m) {
  const Bytes shred = m.shred(kDataShredsInSet);  // position 0
  store_le32(&shred[kFecSetIndex], 0);
  store_le32(&shred[kIndex], 3);
  store_le16(&shred[kPosition], 4);
  m.add_shred(shred);
}

void position_off(M& m) {
  const Bytes shred = m.shred(kShredsInSet - 1);  // position 31
  store_le16(&shred[kPosition], 30);
  m.add_shred(shred);
}

constexpr Fate kFast = Fate::kFast;
constexpr HostileNeeds kRepair = HostileNeeds::kRepairPort;

const std::array kShreds = {
    HostileIngredient{"short_payload",
                      "0 to 87 bytes",
                      kLevel,
                      kFast,
                      "length",
                      {},
                      [](M& m) { m.add_shred(m.shred(m.any_data()).first(m.random().below(88))); }},
    HostileIngredient{"data_shred_cut",
                      "a data shred of 88 to 1,202 bytes",
                      kLevel,
                      kFast,
                      "length",
                      {},
                      [](M& m) { cut(m, m.any_data(), 88); }},
    HostileIngredient{"code_shred_cut",
                      "a code shred of 89 to 1,227 bytes",
                      kLevel,
                      kFast,
                      "length",
                      {},
                      [](M& m) { cut(m, m.any_code(), 89); }},
    HostileIngredient{"trailing_bytes",
                      "a shred with up to 269 bytes behind it: tolerated",
                      kLevel,
                      kFast,
                      {},
                      {},
                      trailing_bytes},
    HostileIngredient{"repair_short", "a repair response one byte short of its nonce", kLevel, kFast,
                      "length", kRepair, [](M& m) { repair_response(m, kNonceBytes - 1); }},
    HostileIngredient{"repair_long", "a repair response with a byte behind its nonce", kLevel, kFast,
                      "length", kRepair, [](M& m) { repair_response(m, kNonceBytes + 1); }},
    HostileIngredient{"repair_wrong_nonce", "a repair response that answers no request", kLevel, kFast,
                      "nonce", kRepair, [](M& m) { repair_response(m, kNonceBytes); }},
    HostileIngredient{"unknown_variant",
                      "a high nibble that is no type",
                      kLevel,
                      kFast,
                      "variant",
                      {},
                      [](M& m) {
                        constexpr std::array kHigh = {0x06u, 0x16u, 0x26u, 0x36u, 0xc6u, 0xd6u, 0xe6u, 0xf6u};
                        set_variant(m, m.any_data(), kHigh[m.random().below(kHigh.size())]);
                      }},
    HostileIngredient{"legacy_data",
                      "variant 0xA5",
                      kLevel,
                      kFast,
                      "variant",
                      {},
                      [](M& m) { set_variant(m, m.any_data(), 0xa5); }},
    HostileIngredient{"legacy_code",
                      "variant 0x5A",
                      kLevel,
                      kFast,
                      "variant",
                      {},
                      [](M& m) { set_variant(m, m.any_code(), 0x5a); }},
    HostileIngredient{"unchained_data",
                      "variant 0x86",
                      kLevel,
                      kFast,
                      "variant",
                      {},
                      [](M& m) { set_variant(m, m.any_data(), 0x86); }},
    HostileIngredient{"unchained_code",
                      "variant 0x46",
                      kLevel,
                      kFast,
                      "variant",
                      {},
                      [](M& m) { set_variant(m, m.any_code(), 0x46); }},
    HostileIngredient{"wrong_version",
                      "shred version of another cluster",
                      kLevel,
                      kFast,
                      "version",
                      {},
                      [](M& m) {
                        data(m, [](Bytes s) {
                          store_le16(&s[kVersion],
                                     static_cast<std::uint16_t>(load<std::uint16_t>(s, kVersion) + 1));
                        });
                      }},
    HostileIngredient{"far_future_slot",
                      "a slot a thousand million ahead",
                      kLevel,
                      kFast,
                      "slot_window",
                      {},
                      [](M& m) {
                        data(m, [](Bytes s) {
                          store_le64(&s[kSlot], load<std::uint64_t>(s, kSlot) + 1'000'000'000);
                        });
                      }},
    HostileIngredient{"old_slot",
                      "slot 0, long rooted",
                      kLevel,
                      kFast,
                      "slot_window",
                      {},
                      [](M& m) { code(m, [](Bytes s) { store_le64(&s[kSlot], 0); }); }},
    HostileIngredient{"index_beyond_limit",
                      "FEC set 32,768",
                      kLevel,
                      kFast,
                      "strict_2",
                      {},
                      [](M& m) { data(m, [](Bytes s) { move_to_set(s, kIndexLimit); }); }},
    HostileIngredient{
        "index_outside_set",
        "an index 32 above its set's",
        kLevel,
        kFast,
        "strict_3",
        {},
        [](M& m) { data(m, [](Bytes s) { store_le32(&s[kIndex], load<std::uint32_t>(s, kIndex) + 32); }); }},
    HostileIngredient{
        "misaligned_set",
        "a FEC set index that is no multiple of 32",
        kLevel,
        kFast,
        "strict_4",
        {},
        [](M& m) { data(m, [](Bytes s) { move_to_set(s, load<std::uint32_t>(s, kFecSetIndex) + 1); }); }},
    HostileIngredient{"proof_length",
                      "a proof of 5 nodes",
                      kLevel,
                      kFast,
                      "strict_7",
                      {},
                      [](M& m) { set_variant(m, m.any_data(), 0x95); }},
    HostileIngredient{
        "last_without_complete",
        "last in slot without data complete",
        kLevel,
        kFast,
        "strict_8",
        {},
        [](M& m) { data(m, [](Bytes s) { s[kFlags] = (s[kFlags] & std::byte{0x3f}) | std::byte{0x80}; }); }},
    HostileIngredient{"data_complete_misplaced",
                      "data complete before the last of the set",
                      kLevel,
                      kFast,
                      "strict_9",
                      {},
                      [](M& m) { data(m, [](Bytes s) { s[kFlags] |= std::byte{0x40}; }); }},
    HostileIngredient{"last_in_slot_misplaced",
                      "last in slot before the last of the set",
                      kLevel,
                      kFast,
                      "strict_9",
                      {},
                      [](M& m) { data(m, [](Bytes s) { s[kFlags] |= std::byte{0xc0}; }); }},
    HostileIngredient{"parent_beyond_slot",
                      "a parent offset larger than the slot",
                      kLevel,
                      kFast,
                      "strict_10",
                      {},
                      [](M& m) {
                        data(m, [](Bytes s) {
                          store_le64(&s[kSlot],
                                     std::min<std::uint64_t>(load<std::uint64_t>(s, kSlot), 1'000));
                          store_le16(&s[kParentOffset], 1'001);
                        });
                      }},
    HostileIngredient{"parent_offset_zero",
                      "parent offset 0 outside slot 0",
                      kLevel,
                      kFast,
                      "strict_11",
                      {},
                      [](M& m) { data(m, [](Bytes s) { store_le16(&s[kParentOffset], 0); }); }},
    HostileIngredient{"size_too_small",
                      "size 87",
                      kLevel,
                      kFast,
                      "strict_12",
                      {},
                      [](M& m) { data(m, [](Bytes s) { store_le16(&s[kSize], 87); }); }},
    HostileIngredient{"size_too_large",
                      "size 1,052",
                      kLevel,
                      kFast,
                      "strict_12",
                      {},
                      [](M& m) { data(m, [](Bytes s) { store_le16(&s[kSize], 1'052); }); }},
    HostileIngredient{"position_beyond_set",
                      "code position 32",
                      kLevel,
                      kFast,
                      "strict_13",
                      {},
                      [](M& m) { code(m, [](Bytes s) { store_le16(&s[kPosition], 32); }); }},
    HostileIngredient{"position_above_index",
                      "a code position larger than the index",
                      kLevel,
                      kFast,
                      "strict_14",
                      {},
                      position_above_index},
    HostileIngredient{"not_32_32",
                      "31 data shreds",
                      kLevel,
                      kFast,
                      "strict_15",
                      {},
                      [](M& m) { code(m, [](Bytes s) { store_le16(&s[kNumData], 31); }); }},
    HostileIngredient{"position_off",
                      "a code position that is not index - set",
                      kLevel,
                      kFast,
                      "strict_16",
                      {},
                      position_off},
    HostileIngredient{"forged_signature",
                      "a random signature on a set of its own",
                      kLevel,
                      kFast,
                      "signature",
                      {},
                      forged_signature},
    HostileIngredient{"payload_flipped",
                      "one bit of the payload; needs its set in progress",
                      kLevel,
                      kFast,
                      "merkle",
                      {},
                      [](M& m) {
                        data(m, [&](Bytes s) {
                          flip_one_bit(m, s.subspan(kDataPayload, kDataProof - kDataPayload));
                        });
                      }},
    HostileIngredient{"proof_flipped",
                      "one bit of the Merkle proof; needs its set in progress",
                      kLevel,
                      kFast,
                      "merkle",
                      {},
                      [](M& m) { data(m, [&](Bytes s) { flip_one_bit(m, s.subspan(kDataProof)); }); }},
    HostileIngredient{"retransmitter_signature_flipped",
                      "one bit of a resigned shred's last 64 bytes: accepted, or a duplicate",
                      kLevel,
                      kFast,
                      {},
                      {},
                      retransmitter_signature},
    HostileIngredient{"exact_duplicate",
                      "a shred as it is: accepted, or a duplicate",
                      kLevel,
                      kFast,
                      {},
                      {},
                      [](M& m) { data(m, [](Bytes) {}); }},
};

}  // namespace

std::span<const HostileIngredient> hostile_shreds() {
  return kShreds;
}

}  // namespace penstock
