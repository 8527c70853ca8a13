// Marks, bits, gaps.
#include "sim/workload/sequence.h"

#include <cstring>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"
#include "engine/packet/headers.h"

namespace penstock {
namespace {

constexpr std::size_t kIp = 14;
constexpr std::size_t kUdp = kIp + 20;
constexpr std::size_t kPayload = kUdp + 8;
constexpr std::byte kIpv4NoOptions{0x45};
constexpr std::uint16_t kFragmentMask = 0x3fff;  // more fragments, and the offset

// The bytes for mark and number, empty where the frame has no place for them.
std::span<std::byte> place_of_number(std::span<std::byte> frame) {
  if (frame.size() < kPayload + kSequenceEnd || load_be16(&frame[12]) != kEthertypeIpv4) return {};
  if (frame[kIp] != kIpv4NoOptions || frame[kIp + 9] != std::byte{kProtocolUdp}) return {};
  if ((load_be16(&frame[kIp + 6]) & kFragmentMask) != 0) return {};
  const std::size_t datagram = load_be16(&frame[kUdp + 4]);
  if (datagram < kPayload - kUdp + kSequenceEnd || kUdp + datagram > frame.size()) return {};
  return frame.subspan(kPayload + kSequenceOffset, kSequenceEnd - kSequenceOffset);
}

}  // namespace

std::uint64_t number_datagrams(Workload& workload) {
  std::uint64_t numbered = 0;
  for (std::uint64_t i = 0; i < workload.frames().size(); ++i) {
    const std::span<std::byte> frame = workload.bytes_of(i);
    const std::span<std::byte> place = place_of_number(frame);
    if (place.empty()) continue;
    const std::uint64_t before = checksum_sum(place);
    store_le64(&place[0], kSequenceMark);
    store_le64(&place[8], i);
    std::byte* const checksum = &frame[kUdp + 6];
    if (const std::uint16_t old = load_be16(checksum); old != 0) {
      const std::uint16_t updated = checksum_update(old, before, checksum_sum(place));
      store_be16(checksum, updated == 0 ? std::uint16_t{0xffff} : updated);
    }
    ++numbered;
  }
  return numbered;
}

void drop_checksums(Workload& workload) {
  for (std::size_t i = 0; i < workload.frames().size(); ++i) {
    const std::span<std::byte> frame = workload.bytes_of(i);
    if (!place_of_number(frame).empty()) store_be16(&frame[kUdp + 6], 0);
  }
}

bool has_number(std::span<const std::byte> payload) {
  return payload.size() >= kSequenceEnd && load_le64(&payload[kSequenceOffset]) == kSequenceMark;
}

SequenceTally::SequenceTally(std::uint64_t frames) : frames_(frames), bits_((frames + 63) / 64) {}

void SequenceTally::add(std::span<const std::byte> payload) {
  ++count_;
  if (!has_number(payload)) {
    ++unnumbered_;
    return;
  }
  const std::uint64_t number = load_le64(&payload[kSequenceOffset + 8]);
  if (number >= frames_) {
    ++foreign_;
    return;
  }
  std::uint64_t& word = bits_[number / 64];
  const std::uint64_t bit = std::uint64_t{1} << (number % 64);
  if ((word & bit) != 0) ++repeated_;
  word |= bit;
}

Result<SequenceTally> expected_sequence(const Workload& workload, const Oracle& oracle, bool slow,
                                        std::size_t max_payload) {
  SequenceTally tally(workload.frames().size());
  for (const TimedFrame& frame : workload.frames()) {
    const Judgement judgement = oracle.judge(frame.bytes);
    if (judgement.fate == Fate::kFragment)
      return fail("judge by numbers: the workload has fragments", 0, "judge it by digests");
    const bool taken = judgement.fate == Fate::kFast || judgement.fate == Fate::kUnchecked ||
                       (slow && judgement.fate == Fate::kSlow);
    if (taken && judgement.payload.size() <= max_payload) tally.add(judgement.payload);
  }
  return tally;
}

std::string difference(const SequenceTally& found, const SequenceTally& expected) {
  PENSTOCK_CHECK(found.frames() == expected.frames());
  std::uint64_t missing = 0, gaps = 0, first = 0, unexpected = 0;
  bool in_gap = false;
  for (std::uint64_t i = 0; i < expected.frames(); ++i) {
    if (found.came(i) && !expected.came(i)) ++unexpected;
    if (!expected.came(i)) continue;  // neither begins nor ends a gap
    const bool gone = !found.came(i);
    if (gone && missing++ == 0) first = i;
    if (gone && !in_gap) ++gaps;
    in_gap = gone;
  }
  std::vector<std::string> words;
  if (missing != 0) words.push_back(fmt::format("{} missing in {} gaps, the first {}", missing, gaps, first));
  if (unexpected != 0) words.push_back(fmt::format("{} that are not ours", unexpected));
  if (found.repeated() != expected.repeated())
    words.push_back(fmt::format("{} again, {} expected", found.repeated(), expected.repeated()));
  if (found.foreign() != expected.foreign())
    words.push_back(fmt::format("{} foreign numbers", found.foreign()));
  if (found.unnumbered() != expected.unnumbered())
    words.push_back(
        fmt::format("{} without a number, {} expected", found.unnumbered(), expected.unnumbered()));
  return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace penstock
