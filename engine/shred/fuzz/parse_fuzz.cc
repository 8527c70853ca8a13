// Any payload before parsing and the rules of headers: nothing is read beyond it, and what is accepted keeps
// the promises that the resolver builds on.
#include <algorithm>
#include <array>
#include <span>

#include "engine/base/check.h"
#include "engine/shred/parse.h"
#include "engine/shred/rules.h"
#include "engine/shred/testing/signed_set.h"
#include "engine/testing/fuzz.h"

using penstock::ParsedShred;
using penstock::RejectReason;
using penstock::RuleMode;
using penstock::ShredHeader;

namespace {

void check_accepted(const ShredHeader& header, std::uint32_t max_index) {
  PENSTOCK_CHECK(header.member() < penstock::kFecSetShreds);
  PENSTOCK_CHECK(header.index < max_index && header.fec_set_index % penstock::kFecDataShreds == 0);
  PENSTOCK_CHECK(header.fec_set_index + penstock::kFecDataShreds <= max_index);
  if (!header.is_data()) return;
  const penstock::ShredLayout layout = penstock::layout_of(header.variant);
  PENSTOCK_CHECK(header.size >= layout.payload_begin && header.size <= layout.payload_end);
  PENSTOCK_CHECK(header.parent_offset <= header.slot);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto payload = std::as_bytes(std::span(data, size));
  const ParsedShred parsed = penstock::parse_shred(payload);
  const penstock::ParsedRepair repair = penstock::parse_repair_response(payload);
  PENSTOCK_CHECK(!repair.shred.ok() || parsed.ok());
  if (!parsed.ok()) return 0;
  const penstock::ShredLayout layout = penstock::layout_of(parsed.header.variant);
  PENSTOCK_CHECK(size == layout.total + std::size_t{parsed.trailing_bytes});
  // The head alone says the same.
  const auto head = payload.first(penstock::kCodeHeadersSize);
  PENSTOCK_CHECK(penstock::parse_shred_head(head, size).header == parsed.header);
  // Headers written back are the headers read.
  std::array<std::byte, penstock::kMaxShredSize> copy;
  penstock::write_shred_header(parsed.header, copy);
  PENSTOCK_CHECK(std::equal(copy.begin() + penstock::kSignatureSize, copy.begin() + layout.payload_begin,
                            payload.begin() + penstock::kSignatureSize));
  for (const std::uint32_t limit : {penstock::kMaxShredIndex, 131'072u}) {
    const bool strict =
        check_rules(parsed.header, {.max_index = limit}, RuleMode::kStrict) == RejectReason::kNone;
    const bool compat =
        check_rules(parsed.header, {.max_index = limit}, RuleMode::kCompat) == RejectReason::kNone;
    PENSTOCK_CHECK(compat || !strict);  // compat mode takes whatever strict mode takes
    if (compat) check_accepted(parsed.header, limit);
  }
  return 0;
}

namespace penstock {

std::vector<std::vector<std::byte>> fuzz_seeds() {
  std::vector<std::vector<std::byte>> seeds;
  for (const bool resigned : {false, true}) {
    const testing::SignedSet set = testing::make_signed_set({.resigned = resigned});
    seeds.push_back(set.shreds[0]);
    seeds.push_back(set.shreds[63]);
    seeds.push_back(set.shreds[1]);
    seeds.back().resize(seeds.back().size() + kRepairNonceSize);
  }
  return seeds;
}

}  // namespace penstock
