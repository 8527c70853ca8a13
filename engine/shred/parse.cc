// Reading of headers: one table look-up by variant, then plain loads.
#include "engine/shred/parse.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace penstock {
namespace {

static_assert(std::endian::native == std::endian::little, "loads below take wire order as host order");

// Nominal length by variant byte; 0 for what is not live.
constexpr std::array<std::uint16_t, 256> kShredSizes = [] {
  std::array<std::uint16_t, 256> sizes{};
  for (unsigned variant = 0; variant < sizes.size(); ++variant) {
    const auto byte = static_cast<std::uint8_t>(variant);
    if (is_chained_merkle(byte)) sizes[variant] = layout_of(byte).total;
  }
  return sizes;
}();

template <typename T>
T load(const std::byte* shred, std::size_t offset) {
  T value;
  std::memcpy(&value, shred + offset, sizeof(value));
  return value;
}

}  // namespace

ParsedShred parse_shred_head(std::span<const std::byte> head, std::size_t payload_size) {
  ParsedShred parsed;
  if (payload_size < kDataHeadersSize) {
    parsed.reason = RejectReason::kLength;
    return parsed;
  }
  const std::byte* shred = head.data();
  const auto variant = load<std::uint8_t>(shred, kVariantOffset);
  const std::size_t total = kShredSizes[variant];
  if (total == 0) {
    parsed.reason = RejectReason::kVariant;
    return parsed;
  }
  if (payload_size < total) {
    parsed.reason = RejectReason::kLength;
    return parsed;
  }
  parsed.trailing_bytes = static_cast<std::uint16_t>(
      std::min<std::size_t>(payload_size - total, std::numeric_limits<std::uint16_t>::max()));

  ShredHeader& header = parsed.header;
  header.variant = variant;
  header.slot = load<std::uint64_t>(shred, kSlotOffset);
  header.index = load<std::uint32_t>(shred, kIndexOffset);
  header.version = load<std::uint16_t>(shred, kVersionOffset);
  header.fec_set_index = load<std::uint32_t>(shred, kFecSetIndexOffset);
  if (header.is_data()) {
    header.parent_offset = load<std::uint16_t>(shred, kParentOffsetOffset);
    header.flags = load<std::uint8_t>(shred, kFlagsOffset);
    header.size = load<std::uint16_t>(shred, kSizeOffset);
  } else {
    header.num_data = load<std::uint16_t>(shred, kNumDataOffset);
    header.num_code = load<std::uint16_t>(shred, kNumCodeOffset);
    header.position = load<std::uint16_t>(shred, kPositionOffset);
  }
  return parsed;
}

ParsedShred parse_shred(std::span<const std::byte> payload) {
  return parse_shred_head(payload, payload.size());
}

ParsedRepair parse_repair_response(std::span<const std::byte> payload) {
  ParsedRepair parsed;
  parsed.shred = parse_shred(payload);
  if (!parsed.shred.ok()) return parsed;
  if (parsed.shred.trailing_bytes != kRepairNonceSize) {
    parsed.shred.reason = RejectReason::kLength;
    return parsed;
  }
  parsed.shred.trailing_bytes = 0;
  parsed.nonce = load<std::uint32_t>(payload.data(), payload.size() - kRepairNonceSize);
  return parsed;
}

}  // namespace penstock
