// Zeroing the retransmitter's signature, and summing up.
#include "engine/shred/content_digest.h"

#include <algorithm>
#include <array>
#include <bit>

#include "engine/base/check.h"

namespace penstock {

void ContentDigest::add(std::span<const std::byte> shred) {
  PENSTOCK_CHECK(shred.size() > kVariantOffset);
  const auto variant = static_cast<std::uint8_t>(shred[kVariantOffset]);
  PENSTOCK_CHECK(is_chained_merkle(variant));
  const ShredLayout layout = layout_of(variant);
  PENSTOCK_CHECK(shred.size() == layout.total);
  if (layout.retransmitter_signature == 0) {
    digest_.add_frame(shred);
    return;
  }
  std::array<std::byte, kMaxShredSize> content{};
  std::copy_n(shred.begin(), layout.retransmitter_signature, content.begin());
  digest_.add_frame(std::span(content).first(layout.total));
}

void ContentRecorder::on_finished(const FinishedSet& set) {
  ++sets_;
  never_came_ += kFecSetShreds - static_cast<unsigned>(std::popcount(set.set.seen));
  for (std::size_t i = 0; i < kFecSetShreds; ++i)
    digest_.add(set.member(i));
}

void ContentRecorder::on_late(const SetRecord& set, const ShredHeader&) {
  --never_came_;
  if (std::popcount(set.seen) == static_cast<int>(kFecSetShreds)) ++complete_sets_;
}

}  // namespace penstock
