// Reads a shred's headers. Only what must hold before a header can be read is checked here: the
// variant is a live type and the payload is as long as that variant's shred. Everything else is
// rules.h. Wire format: shared/reference/shred-format.md sections 2 to 4.
//
// Invariants
//   1. No read beyond the payload, whatever it holds; no allocation; about 6 ns at most.
//   2. Bytes after the shred are tolerated and reported: both clients do so. A repair response is
//      stricter, because the clients disagree about where its nonce is (section 11).
//   3. Any proof length is taken: rule 7 decides about it, and compat mode has no such rule.
//
// Thread safety: pure functions on the caller's bytes. Integers of a ShredHeader are in host order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/shred/header.h"
#include "engine/shred/reject_reason.h"

namespace penstock {

struct ParsedShred {
  RejectReason reason = RejectReason::kNone;
  std::uint16_t trailing_bytes = 0;  // payload bytes behind the shred, the nonce not included
  ShredHeader header;                // filled when reason is kNone

  bool ok() const { return reason == RejectReason::kNone; }
};

// A payload from the turbine port: kNone, kLength or kVariant.
ParsedShred parse_shred(std::span<const std::byte> payload);

// The same from the payload's first bytes, all of them or at least kCodeHeadersSize, and its size.
ParsedShred parse_shred_head(std::span<const std::byte> head, std::size_t payload_size);

struct ParsedRepair {
  ParsedShred shred;
  std::uint32_t nonce = 0;  // the four bytes right behind the shred
};

// A payload from the repair port: must be exactly a shred and four bytes of nonce, else kLength.
ParsedRepair parse_repair_response(std::span<const std::byte> payload);

}  // namespace penstock
