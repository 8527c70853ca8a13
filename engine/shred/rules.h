// The rules that one shred's header must obey on its own: family 1 of SIMD-0504 without the
// signature (rule 1, which needs the leader) and the type (rule 6, which parse_shred() checks).
// Source: shared/reference/receive-checks.md section 3.
//
// Strict mode is the SIMD. Compat mode is what validators accept today: no rule 7 (proof length), a
// weaker rule 16 (code position), and rule 12's bound follows the proof length. For a proof length
// of 6 both bounds are the same number, so rule 12 needs no mode here: rule 7 stands before it.
//
// Firedancer's parser also refuses parent_offset = slot for slot > 1. The SIMD does not, so neither
// mode does.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>

#include "engine/shred/parse.h"
#include "engine/shred/reject_reason.h"

namespace penstock {

enum class RuleMode : std::uint8_t { kStrict, kCompat };

// What the rules depend on besides the header. The limit is that of the shred's own slot
// (SIMD-0525); it must be at least 32.
struct RuleLimits {
  std::uint32_t max_index = kMaxShredIndex;
};

// The first rule, in the SIMD's order, that the header breaks; kNone when it breaks none.
RejectReason check_rules(const ShredHeader& header, const RuleLimits& limits, RuleMode mode);

}  // namespace penstock
