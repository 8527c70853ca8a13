// Copies, and words for verdicts.
#include "engine/tiles/verdict_link.h"

#include <utility>

#include <fmt/format.h>

#include "engine/mcache/copy.h"

namespace penstock {
namespace {

Frag of_frame(std::uint64_t frame) {
  Frag frag;
  frag.frame = static_cast<std::uint32_t>(frame);
  return frag;
}

}  // namespace

Result<std::unique_ptr<VerdictLink>> VerdictLink::create(std::size_t depth, std::uint32_t frame_bytes) {
  Result<Umem> umem = Umem::create(static_cast<std::uint32_t>(depth + 1), frame_bytes);
  if (!umem) return fail("make room for shreds with their verdicts", umem.error());
  return std::unique_ptr<VerdictLink>(new VerdictLink(depth, std::move(*umem)));
}

VerdictLink::VerdictLink(std::size_t depth, Umem umem)
    : umem_(std::move(umem)),
      lines_(depth),
      link_(lines_.lines(), of_frame),
      free_(static_cast<std::uint32_t>(depth)) {}

void VerdictLink::publish(Frag frag, std::span<const std::byte> bytes, const AddResult& verdict) {
  const FrameMemory& memory = umem_.memory();
  overwrite_frame(memory.base + memory.address_of(free_) + kXdpHeadroom, bytes);
  frag.frame = free_;
  frag.queue = static_cast<std::uint8_t>(verdict.outcome);
  frag.port_index = static_cast<std::uint8_t>(verdict.reason);
  free_ = link_.publish(frag).frame;
}

AddResult verdict_of(const Frag& frag) {
  return {static_cast<ShredOutcome>(frag.queue), static_cast<RejectReason>(frag.port_index)};
}

std::string text_of(const AddResult& verdict) {
  switch (verdict.outcome) {
    case ShredOutcome::kAccepted:
      return "accepted";
    case ShredOutcome::kDuplicate:
      return "duplicate";
    case ShredOutcome::kLate:
      return "late";
    case ShredOutcome::kHeld:
      return "held: waits for more of its set";
    case ShredOutcome::kRejected:
    case ShredOutcome::kTorn:
      break;
  }
  return fmt::format("refused: {} ({})", name_of(verdict.reason), help_of(verdict.reason));
}

}  // namespace penstock
