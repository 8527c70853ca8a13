// One pass over the frames.
#include "sim/workload/impairments.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/random.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"
#include "engine/packet/headers.h"

namespace penstock {
namespace {

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kMacBytes = 12;
constexpr std::size_t kUdpAt = 34;
constexpr std::size_t kPayloadAt = 42;

bool in_scope(const Impairments& impairments, const TimedFrame& frame) {
  return impairments.everything || frame.kind == FrameKind::kShred || frame.kind == FrameKind::kJunk;
}

// Plain IPv4/UDP with at least one byte of payload that its lengths count.
bool has_udp_payload(std::span<const std::byte> frame) {
  if (frame.size() <= kPayloadAt || load_be16(&frame[12]) != kEthertypeIpv4) return false;
  if (frame[kEthernetBytes] != std::byte{0x45} || frame[23] != std::byte{kProtocolUdp}) return false;
  const std::size_t length = load_be16(&frame[kUdpAt + 4]);
  return length > 8 && kUdpAt + length <= frame.size();
}

Status check_range(std::string_view name, const DelayRange& range) {
  if (range.low >= 0 && range.low <= range.high) return {};
  return fail(fmt::format("impair: {} from {} to {} ns", name, range.low, range.high), 0,
              "give two times that are not negative, the shorter one first");
}

Status check(const Impairments& asked, const Workload& workload) {
  const std::pair<std::string_view, std::uint32_t> probabilities[] = {
      {"loss", asked.loss_ppm},           {"burst begin", asked.burst.begin_ppm},
      {"burst end", asked.burst.end_ppm}, {"burst loss", asked.burst.loss_ppm},
      {"corrupt", asked.corrupt_ppm},     {"truncate", asked.truncate_ppm},
      {"duplicate", asked.duplicate_ppm}, {"reorder", asked.reorder_ppm}};
  for (const auto& [name, ppm] : probabilities) {
    if (ppm > kPartsPerMillion) return fail(fmt::format("impair: {} of {} parts in a million", name, ppm));
  }
  for (const auto& [name, range] :
       {std::pair<std::string_view, DelayRange>{"duplicate after", asked.duplicate_after},
        {"reorder by", asked.reorder_by},
        {"delay", asked.delay}}) {
    if (Status good = check_range(name, range); !good) return good;
  }
  bool anything = false;
  for (std::size_t i = 0; i < workload.frames().size(); ++i) {
    const TimedFrame& frame = workload.frames()[i];
    if (!in_scope(asked, frame)) continue;
    anything = true;
    if (asked.corrupt_ppm == 0 || asked.corruption != Corruption::kPayload || has_udp_payload(frame.bytes))
      continue;
    if (frame.kind == FrameKind::kJunk) continue;  // may be empty: left as it is
    return fail(fmt::format("impair: frame {} ({}) has no UDP payload to corrupt", i, name_of(frame.kind)), 0,
                "corrupt on the wire instead, or only frames to the TVU port");
  }
  if (!anything) return fail("impair: no frame to the TVU port in the workload");
  return {};
}

class Impairer {
 public:
  Impairer(const Impairments& asked, std::uint64_t seed, Workload* workload)
      : asked_(asked), workload_(workload), random_(seed, "impairments") {}

  ImpairmentCounts run() {
    std::vector<TimedFrame> kept;
    kept.reserve(workload_->frames().size());
    for (TimedFrame frame : workload_->frames()) {
      if (!in_scope(asked_, frame)) {
        kept.push_back(frame);
        continue;
      }
      ++counts_.offered;
      impair(frame, &kept);
    }
    workload_->replace_frames(std::move(kept));
    workload_->sort_by_time();
    return counts_;
  }

 private:
  void impair(TimedFrame frame, std::vector<TimedFrame>* kept) {
    const bool lost = lose();
    const bool corrupt = random_.chance(asked_.corrupt_ppm);
    const std::uint64_t corrupt_where = random_.next();
    const bool truncate = random_.chance(asked_.truncate_ppm);
    const std::uint64_t truncate_where = random_.next();
    const bool duplicate = random_.chance(asked_.duplicate_ppm);
    const Nanoseconds duplicate_after = draw(asked_.duplicate_after);
    const bool reorder = random_.chance(asked_.reorder_ppm);
    const Nanoseconds held_back = draw(asked_.reorder_by);
    const Nanoseconds delay = draw(asked_.delay);
    if (lost) return;

    if (corrupt) this->corrupt(corrupt_where, &frame);
    if (truncate) this->truncate(truncate_where, &frame);
    if (duplicate) {
      ++counts_.duplicated;
      TimedFrame again = frame;
      again.at += duplicate_after;
      again.origin.copy = 1;
      kept->push_back(again);
    }
    if (reorder) {
      ++counts_.reordered;
      frame.at += held_back;
    }
    frame.at += delay;
    kept->push_back(frame);
  }

  bool lose() {
    const bool independent = random_.chance(asked_.loss_ppm);
    if (random_.chance(in_burst_ ? asked_.burst.end_ppm : asked_.burst.begin_ppm)) in_burst_ = !in_burst_;
    const bool burst = random_.chance(asked_.burst.loss_ppm) && in_burst_;
    counts_.lost += independent || burst;
    counts_.lost_in_burst += burst && !independent;
    return independent || burst;
  }

  Nanoseconds draw(const DelayRange& range) {
    return range.low +
           static_cast<Nanoseconds>(random_.below(static_cast<std::uint64_t>(range.high - range.low) + 1));
  }

  // Frames share memory with what was read before, so a changed one gets its own.
  std::span<std::byte> own_copy(TimedFrame* frame) {
    const std::span<std::byte> copy = workload_->allocate(frame->bytes.size());
    std::copy(frame->bytes.begin(), frame->bytes.end(), copy.begin());
    frame->bytes = copy;
    frame->kind = FrameKind::kImpaired;
    return copy;
  }

  static void flip(std::span<std::byte> bytes, std::uint64_t where) {
    const std::uint64_t bit = where % (bytes.size() * 8);
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }

  void corrupt(std::uint64_t where, TimedFrame* frame) {
    if (asked_.corruption == Corruption::kWire) {
      if (frame->bytes.size() <= kMacBytes) return;
      flip(own_copy(frame).subspan(kMacBytes), where);
      ++counts_.corrupted;
      return;
    }
    if (!has_udp_payload(frame->bytes)) return;
    const std::span<std::byte> bytes = own_copy(frame);
    const std::size_t length = load_be16(&bytes[kUdpAt + 4]);
    flip(bytes.subspan(kPayloadAt, length - 8), where);
    ++counts_.corrupted;
    if (load_be16(&bytes[kUdpAt + 6]) == 0) return;
    store_be16(&bytes[kUdpAt + 6], 0);
    const std::uint64_t sum = checksum_sum(bytes.subspan(26, 8)) + kProtocolUdp + length +
                              checksum_sum(bytes.subspan(kUdpAt, length));
    store_be16(&bytes[kUdpAt + 6], udp_checksum_finish(sum));
  }

  void truncate(std::uint64_t where, TimedFrame* frame) {
    if (frame->bytes.size() <= kEthernetBytes) return;
    const std::size_t length = kEthernetBytes + where % (frame->bytes.size() - kEthernetBytes);
    frame->bytes = frame->bytes.first(length);
    frame->kind = FrameKind::kImpaired;
    ++counts_.truncated;
  }

  const Impairments& asked_;
  Workload* workload_;
  Random random_;
  bool in_burst_ = false;
  ImpairmentCounts counts_;
};

}  // namespace

Result<ImpairmentCounts> impair(const Impairments& impairments, std::uint64_t seed, Workload* workload) {
  if (Status good = check(impairments, *workload); !good) return tl::unexpected(good.error());
  return Impairer(impairments, seed, workload).run();
}

}  // namespace penstock
