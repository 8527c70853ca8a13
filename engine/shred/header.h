// The headers of one shred as a value, and writing them. Reading them is parse.h.
//
// Thread safety: values and pure functions. Integers are in host order; on the wire they are
// little-endian (layout.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/shred/layout.h"

namespace penstock {

struct ShredHeader {
  std::uint64_t slot = 0;
  std::uint32_t index = 0;
  std::uint32_t fec_set_index = 0;
  std::uint16_t version = 0;
  std::uint8_t variant = 0;
  std::uint8_t flags = 0;           // data only
  std::uint16_t parent_offset = 0;  // data only
  std::uint16_t size = 0;           // data only
  std::uint16_t num_data = 0;       // code only
  std::uint16_t num_code = 0;       // code only
  std::uint16_t position = 0;       // code only

  ShredKind kind() const { return kind_of(variant); }
  bool is_data() const { return kind() == ShredKind::kData; }
  // Which leaf of the set's Merkle tree this is: data 0..31, code 32..63. Only meaningful when the
  // header passed check_rules(); the value may be anything before that.
  std::uint32_t member() const { return is_data() ? index - fec_set_index : kFecDataShreds + position; }

  bool operator==(const ShredHeader&) const = default;
};

// Writes the header behind the signature: [64, 88) of a data shred, [64, 89) of a code shred.
// header.variant must be a chained Merkle variant and `shred` at least as long as its layout says.
void write_shred_header(const ShredHeader& header, std::span<std::byte> shred);

}  // namespace penstock
