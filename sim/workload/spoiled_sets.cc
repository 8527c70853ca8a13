// Copies of a good set, changed and signed again.
#include "sim/workload/spoiled_sets.h"

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

constexpr std::uint32_t kSetsOfASlot = kMaxShredIndex / kFecDataShreds;

void move_to(FecSet& set, std::uint32_t fec_set_index) {
  set.fec_set_index = fec_set_index;
  for (std::size_t i = 0; i < kFecSetShreds; ++i) {
    store_le32(&set.member(i)[kFecSetIndexOffset], fec_set_index);
    store_le32(&set.member(i)[kIndexOffset], fec_set_index + static_cast<std::uint32_t>(i % kFecDataShreds));
  }
}

}  // namespace

void SpoiledSetMaker::make(SpoiledSet kind, const FecSet& good, std::uint32_t number, FecSet* spoiled) {
  *spoiled = good;
  if (kind == SpoiledSet::kDouble) {
    for (std::size_t i = 0; i < kFecDataShreds; ++i) {
      const auto shred = spoiled->member(i);
      shred[kDataHeadersSize] ^= std::byte{0xff};  // never the good set's byte
      store_le32(&shred[kDataHeadersSize + 1], number);
    }
    sealer_.encode(*spoiled);
  } else {
    PENSTOCK_CHECK(number < kSetsOfASlot);
    move_to(*spoiled, (kSetsOfASlot - 1 - number) * kFecDataShreds);
    sealer_.encode(*spoiled);
    spoiled->member(kFecSetShreds - 1)[kCodeHeadersSize] ^= std::byte{1};
  }
  sealer_.seal(keys_, *spoiled);
}

}  // namespace penstock
