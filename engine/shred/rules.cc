// SIMD-0504's per-shred rules, in its order.
#include "engine/shred/rules.h"

#include "engine/base/check.h"

namespace penstock {
namespace {

RejectReason check_data(const ShredHeader& header) {
  const bool complete = (header.flags & kDataComplete) != 0;
  const bool last = (header.flags & kLastInSlot & ~kDataComplete) != 0;
  if (last && !complete) return RejectReason::kStrict8;
  if (complete && header.index % kFecDataShreds != kFecDataShreds - 1) return RejectReason::kStrict9;
  if (header.parent_offset > header.slot) return RejectReason::kStrict10;
  if ((header.parent_offset == 0) != (header.slot == 0)) return RejectReason::kStrict11;
  if (header.size < kDataHeadersSize || header.size > layout_of(header.variant).payload_end) {
    return RejectReason::kStrict12;
  }
  return RejectReason::kNone;
}

RejectReason check_code(const ShredHeader& header, const RuleLimits& limits, RuleMode mode) {
  if (header.position >= kFecCodeShreds) return RejectReason::kStrict13;
  if (header.position > header.index) return RejectReason::kStrict14;
  if (header.num_data != kFecDataShreds || header.num_code != kFecCodeShreds) return RejectReason::kStrict15;
  const bool in_place = mode == RuleMode::kStrict
                            ? header.position == header.index - header.fec_set_index
                            : header.index - header.position <= limits.max_index - kFecDataShreds;
  return in_place ? RejectReason::kNone : RejectReason::kStrict16;
}

}  // namespace

RejectReason check_rules(const ShredHeader& header, const RuleLimits& limits, RuleMode mode) {
  PENSTOCK_CHECK(limits.max_index >= kFecDataShreds);
  if (header.index >= limits.max_index) return RejectReason::kStrict2;
  if (header.index < header.fec_set_index || header.index - header.fec_set_index >= kFecDataShreds) {
    return RejectReason::kStrict3;
  }
  if (header.fec_set_index % kFecDataShreds != 0) return RejectReason::kStrict4;
  if (header.fec_set_index > limits.max_index - kFecDataShreds) return RejectReason::kStrict5;
  if (mode == RuleMode::kStrict && proof_length_of(header.variant) != kFecProofLength) {
    return RejectReason::kStrict7;
  }
  return header.is_data() ? check_data(header) : check_code(header, limits, mode);
}

}  // namespace penstock
