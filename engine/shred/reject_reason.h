// Why a shred was not used: one table, from which the enum, the names of counters and their help
// texts are made, so that none can be forgotten. Names follow shared/reference/receive-checks.md
// section 4.2; strict_N is rule N of SIMD-0504's per-shred family, section 3 of that page.
//
// Thread safety: constants and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock {

// X(enumerator, name, help), in the order of the checks: cheap ones first.
#define PENSTOCK_REJECT_REASONS(X)                                                                   \
  X(kLength, "length", "shorter than a shred of its variant, or a repair response not shred + 4")    \
  X(kVariant, "variant", "unknown, legacy or unchained variant (strict rule 6)")                     \
  X(kNonce, "nonce", "repair response whose nonce answers no request")                               \
  X(kVersion, "version", "shred version of another cluster")                                         \
  X(kSlotWindow, "slot_window", "slot or parent slot outside the window of wanted slots")            \
  X(kStrict2, "strict_2", "index not below the slot's limit")                                        \
  X(kStrict3, "strict_3", "index outside its FEC set")                                               \
  X(kStrict4, "strict_4", "FEC set index not a multiple of 32")                                      \
  X(kStrict5, "strict_5", "FEC set beyond the slot's limit")                                         \
  X(kStrict7, "strict_7", "Merkle proof length is not 6")                                            \
  X(kStrict8, "strict_8", "last in slot without data complete")                                      \
  X(kStrict9, "strict_9", "data complete before the last data shred of the set")                     \
  X(kStrict10, "strict_10", "parent offset larger than the slot")                                    \
  X(kStrict11, "strict_11", "parent offset is 0 outside slot 0")                                     \
  X(kStrict12, "strict_12", "size field outside the payload area")                                   \
  X(kStrict13, "strict_13", "code position not below 32")                                            \
  X(kStrict14, "strict_14", "code position larger than the index")                                   \
  X(kStrict15, "strict_15", "not 32 data and 32 code shreds")                                        \
  X(kStrict16, "strict_16", "code position does not agree with the index")                           \
  X(kLeader, "leader", "no leader known for the slot")                                               \
  X(kConflict, "conflict", "another signature is already verified for this FEC set (equivocation)")  \
  X(kMerkle, "merkle", "Merkle proof does not lead to the root of the set")                          \
  X(kSignature, "signature", "leader's signature does not cover the Merkle root (strict rule 1)")    \
  X(kUnproven, "unproven", "held back during a flood of forgeries, and too few of its set followed") \
  X(kRecovery, "recovery", "set whose recovered members contradict its signed root or each other")

enum class RejectReason : std::uint8_t {
  kNone = 0,
#define PENSTOCK_X(id, name, help) id,
  PENSTOCK_REJECT_REASONS(PENSTOCK_X)
#undef PENSTOCK_X
};

// Number of values, kNone included: the size of an array indexed by reason.
inline constexpr std::size_t kRejectReasons = 1
#define PENSTOCK_X(id, name, help) +1
    PENSTOCK_REJECT_REASONS(PENSTOCK_X)
#undef PENSTOCK_X
    ;

// "strict_2"; "none" for kNone.
constexpr std::string_view name_of(RejectReason reason) {
  switch (reason) {
    case RejectReason::kNone:
      return "none";
#define PENSTOCK_X(id, name, help) \
  case RejectReason::id:           \
    return name;
      PENSTOCK_REJECT_REASONS(PENSTOCK_X)
#undef PENSTOCK_X
  }
  return "none";
}

// One line of plain English; empty for kNone.
constexpr std::string_view help_of(RejectReason reason) {
  switch (reason) {
    case RejectReason::kNone:
      return "";
#define PENSTOCK_X(id, name, help) \
  case RejectReason::id:           \
    return help;
      PENSTOCK_REJECT_REASONS(PENSTOCK_X)
#undef PENSTOCK_X
  }
  return "";
}

}  // namespace penstock
