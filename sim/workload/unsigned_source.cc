// Headers of shreds that nobody signed.
#include "sim/workload/unsigned_source.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/shred/header.h"
#include "engine/shred/layout.h"

namespace penstock {
namespace {

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

  std::array<std::byte, kSignatureSize> signature{};
  random_.fill(signature);
  const auto tick =
      static_cast<unsigned>(std::uint64_t{set_in_slot_} * kTicksPerSlot / config_.sets_per_slot);

  for (std::size_t i = 0; i < kShredsInSet; ++i) {
    const bool data = i < kDataShredsInSet;
    const auto position = static_cast<std::uint32_t>(i % kDataShredsInSet);
    const std::span<std::byte> shred = set->member(i);
    random_.fill(shred);
    std::copy(signature.begin(), signature.end(), shred.begin());
    ShredHeader header{.slot = slot_,
                       .index = set->fec_set_index + position,
                       .fec_set_index = set->fec_set_index,
                       .version = config_.version};
    if (data) {
      const bool ends_slot = last && position + 1 == kDataShredsInSet;
      header.variant = last ? kDataResignedVariant : kDataVariant;
      header.flags = static_cast<std::uint8_t>(tick | (ends_slot ? kLastInSlot : 0));
      header.parent_offset = slot_ == 0 ? 0 : 1;
      header.size =
          static_cast<std::uint16_t>(kDataHeadersSize + layout_of(header.variant).payload_capacity());
    } else {
      header.variant = last ? kCodeResignedVariant : kCodeVariant;
      header.num_data = kFecDataShreds;
      header.num_code = kFecCodeShreds;
      header.position = static_cast<std::uint16_t>(position);
    }
    write_shred_header(header, shred);
  }

  if (++set_in_slot_ == config_.sets_per_slot) {
    set_in_slot_ = 0;
    ++slot_;
  }
  return {};
}

}  // namespace penstock
