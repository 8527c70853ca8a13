// Writing of shred headers.
#include "engine/shred/header.h"

#include <bit>
#include <cstring>

#include "engine/base/check.h"

namespace penstock {
namespace {

static_assert(std::endian::native == std::endian::little, "stores below take host order as wire order");

template <typename T>
void store(std::span<std::byte> shred, std::size_t offset, T value) {
  std::memcpy(shred.data() + offset, &value, sizeof(value));
}

}  // namespace

void write_shred_header(const ShredHeader& header, std::span<std::byte> shred) {
  PENSTOCK_CHECK(is_chained_merkle(header.variant));
  PENSTOCK_CHECK(shred.size() >= layout_of(header.variant).total);
  store(shred, kVariantOffset, header.variant);
  store(shred, kSlotOffset, header.slot);
  store(shred, kIndexOffset, header.index);
  store(shred, kVersionOffset, header.version);
  store(shred, kFecSetIndexOffset, header.fec_set_index);
  if (header.is_data()) {
    store(shred, kParentOffsetOffset, header.parent_offset);
    store(shred, kFlagsOffset, header.flags);
    store(shred, kSizeOffset, header.size);
  } else {
    store(shred, kNumDataOffset, header.num_data);
    store(shred, kNumCodeOffset, header.num_code);
    store(shred, kPositionOffset, header.position);
  }
}

}  // namespace penstock
