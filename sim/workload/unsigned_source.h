// Shred-shaped bytes: valid headers of the four live variants by the rules of a fixed 32:32 set, random
// bytes wherever a real shred has payload, parity, roots, proofs and signatures. They pass every check
// that needs no cryptography and fail every one that does. LeaderSource makes real ones.
//
// A slot has `sets_per_slot` sets; the last is resigned (0xB6/0x76) and ends the slot, the others are
// chained only (0x96/0x66). With 25 sets that is mainnet's 4 % of resigned shreds.
//
// Thread safety: none.
#pragma once

#include <cstdint>

#include "engine/base/random.h"
#include "sim/workload/shred_source.h"

namespace penstock {

struct UnsignedSourceConfig {
  std::uint64_t seed = 0;
  std::uint64_t first_slot = 1;  // slot 0 has its own rule for parent_offset and is kept too
  std::uint32_t sets_per_slot = 25;
  std::uint16_t version = 6051;
};

class UnsignedSource final : public ShredSource {
 public:
  explicit UnsignedSource(const UnsignedSourceConfig& config);

  Status next_set(FecSet* set) override;

 private:
  UnsignedSourceConfig config_;
  Random random_;
  std::uint64_t slot_;
  std::uint32_t set_in_slot_ = 0;
};

}  // namespace penstock
