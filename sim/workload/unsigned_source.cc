// Headers of shreds that nobody signed.
#include "sim/workload/unsigned_source.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

// Offsets and values of shred headers, from the first byte of the shred; integers are little-endian.
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kVariant = 0x40;
constexpr std::size_t kSlot = 0x41;
constexpr std::size_t kIndex = 0x49;
constexpr std::size_t kVersion = 0x4d;
constexpr std::size_t kFecSetIndex = 0x4f;
constexpr std::size_t kParentOffset = 0x53;
constexpr std::size_t kFlags = 0x55;
constexpr std::size_t kSize = 0x56;
constexpr std::size_t kNumData = 0x53;
constexpr std::size_t kNumCode = 0x55;
constexpr std::size_t kPosition = 0x57;

constexpr unsigned kProofLength = 6;  // log2(64)
constexpr unsigned kDataChained = 0x90, kDataResigned = 0xb0, kCodeChained = 0x60, kCodeResigned = 0x70;
constexpr std::uint16_t kFullSizeChained = 1051, kFullSizeResigned = 987;
constexpr unsigned kDataCompleteAndLastInSlot = 0xc0;
constexpr std::uint32_t kTicksPerSlot = 64;

}  // namespace

UnsignedSource::UnsignedSource(const UnsignedSourceConfig& config)
    : config_(config), random_(config.seed, "unsigned shreds"), slot_(config.first_slot) {
  PENSTOCK_CHECK(config.sets_per_slot > 0);
}

Status UnsignedSource::next_set(FecSet* set) {
  const bool last = set_in_slot_ + 1 == config_.sets_per_slot;
  set->slot = slot_;
  set->fec_set_index = set_in_slot_ * static_cast<std::uint32_t>(kDataShredsInSet);
  set->resigned = last;

  std::array<std::byte, kSignatureBytes> signature{};
  random_.fill(signature);
  const auto tick =
      static_cast<unsigned>(std::uint64_t{set_in_slot_} * kTicksPerSlot / config_.sets_per_slot);

  for (std::size_t i = 0; i < kShredsInSet; ++i) {
    const bool data = i < kDataShredsInSet;
    const auto position = static_cast<std::uint32_t>(i % kDataShredsInSet);
    std::byte* const shred = set->storage[i].data();
    random_.fill(set->member(i));
    std::copy(signature.begin(), signature.end(), shred);
    const unsigned type =
        data ? (last ? kDataResigned : kDataChained) : (last ? kCodeResigned : kCodeChained);
    shred[kVariant] = static_cast<std::byte>(type | kProofLength);
    store_le64(shred + kSlot, slot_);
    store_le32(shred + kIndex, set->fec_set_index + position);
    store_le16(shred + kVersion, config_.version);
    store_le32(shred + kFecSetIndex, set->fec_set_index);
    if (data) {
      const bool ends_slot = last && position + 1 == kDataShredsInSet;
      store_le16(shred + kParentOffset, slot_ == 0 ? 0 : 1);
      shred[kFlags] = static_cast<std::byte>(tick | (ends_slot ? kDataCompleteAndLastInSlot : 0));
      store_le16(shred + kSize, last ? kFullSizeResigned : kFullSizeChained);
    } else {
      store_le16(shred + kNumData, kDataShredsInSet);
      store_le16(shred + kNumCode, kShredsInSet - kDataShredsInSet);
      store_le16(shred + kPosition, static_cast<std::uint16_t>(position));
    }
  }

  if (++set_in_slot_ == config_.sets_per_slot) {
    set_in_slot_ = 0;
    ++slot_;
  }
  return {};
}

}  // namespace penstock
