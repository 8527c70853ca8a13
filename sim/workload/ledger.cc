// The sender's account.
#include "sim/workload/ledger.h"

#include <bit>
#include <cstring>

#include "sim/exceptions/exceptions.h"
#include "sim/workload/shred_source.h"

namespace penstock {
namespace {

constexpr std::size_t kVariantOffset = 0x40;
constexpr std::size_t kSlotOffset = 0x41;
constexpr std::size_t kIndexOffset = 0x49;
constexpr std::size_t kFecSetOffset = 0x4f;

// Length of a live shred of this variant byte, 0 for any other byte.
std::size_t shred_bytes(unsigned variant) {
  switch (variant) {
    case 0x96:
    case 0xb6:
      return kDataShredBytes;
    case 0x66:
    case 0x76:
      return kCodeShredBytes;
    default:
      return 0;
  }
}

template <typename T>
T load_le(std::span<const std::byte> bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, &bytes[at], sizeof(value));
  return value;
}

}  // namespace

void Ledger::add(const TimedFrame& frame) {
  for (FrameCount* count : {&total_, &by_kind_[index_of(frame.kind)]}) {
    ++count->frames;
    count->bytes += frame.bytes.size();
  }
  const Judgement judgement = oracle_.judge(frame.bytes);
  ++by_fate_[static_cast<std::size_t>(judgement.fate)];
  switch (judgement.fate) {
    case Fate::kUnchecked:
      unchecked_frames_.add_frame(frame.bytes);
      [[fallthrough]];
    case Fate::kFast:
      add_payload(judgement, frame.kind);
      return;
    case Fate::kSlow:
      passed_.add_frame(frame.bytes);
      add_payload(judgement, frame.kind);
      return;
    case Fate::kFragment:
      passed_.add_frame(frame.bytes);
      if (const auto whole = reassembly_.add(judgement.payload)) {
        const Judgement datagram = oracle_.judge_reassembled(*whole);
        if (datagram.fate == Fate::kSlow) add_payload(datagram, frame.kind);
      }
      return;
    case Fate::kHost:
      passed_.add_frame(frame.bytes);
      return;
  }
}

void Ledger::add(const Workload& workload) {
  for (const TimedFrame& frame : workload.frames())
    add(frame);
}

void Ledger::add_payload(const Judgement& judgement, FrameKind kind) {
  const bool oversize = judgement.payload.size() > max_payload_;
  if (oversize && judgement.fate == Fate::kUnchecked) return;  // nobody's: dropped, or discarded
  MultisetDigest& digest = oversize                             ? oversize_
                           : judgement.fate == Fate::kFast      ? fast_
                           : judgement.fate == Fate::kUnchecked ? unchecked_
                                                                : slow_;
  digest.add_datagram(judgement.source, judgement.destination, judgement.payload);
  if (!oversize) add_shred(judgement.payload, kind);
}

void Ledger::add_shred(std::span<const std::byte> payload, FrameKind kind) {
  if (payload.size() <= kVariantOffset) return;
  const auto variant = std::to_integer<unsigned>(payload[kVariantOffset]);
  const std::size_t length = shred_bytes(variant);
  if (length == 0 || payload.size() < length) return;
  ++variants_[variant];
  if (kind != FrameKind::kShred && kind != FrameKind::kCaptured) return;
  const auto set = load_le<std::uint32_t>(payload, kFecSetOffset);
  const std::uint32_t position = load_le<std::uint32_t>(payload, kIndexOffset) - set;
  if (position >= kDataShredsInSet) return;
  const std::size_t member = position + (length == kCodeShredBytes ? kDataShredsInSet : 0);
  members_[{load_le<std::uint64_t>(payload, kSlotOffset), set}] |= std::uint64_t{1} << member;
}

bool Ledger::takes_unchecked(std::string_view path, const Circumstances& receiver) {
  Circumstances bad_checksum = receiver;
  bad_checksum.udp_checksum_bad = true;
  return is_delivered(ExceptionTable::declared().outcome(path, Outcome::kDropped, bad_checksum));
}

MultisetDigest Ledger::expected_host(std::string_view path, const Circumstances& receiver) const {
  MultisetDigest sum;
  sum.merge(passed_);
  if (!takes_unchecked(path, receiver)) sum.merge(unchecked_frames_);
  return sum;
}

MultisetDigest Ledger::expected_payloads(std::string_view path, const Circumstances& receiver) const {
  Circumstances slow_way = receiver;
  slow_way.slow_way = true;
  Circumstances above_max = receiver;
  above_max.payload_above_max = true;

  MultisetDigest sum;
  const auto add = [&](const MultisetDigest& part, const Circumstances& circumstances) {
    const Outcome outcome = ExceptionTable::declared().outcome(path, Outcome::kDelivered, circumstances);
    if (is_delivered(outcome)) sum.merge(part);
  };
  add(fast_, receiver);
  add(slow_, slow_way);
  add(oversize_, above_max);
  if (takes_unchecked(path, receiver)) sum.merge(unchecked_);
  return sum;
}

MultisetDigest Ledger::expected_payloads(bool companion) const {
  return expected_payloads("kernel_filter", {.companion_off = !companion});
}

MultisetDigest Ledger::expected_of_sockets() const {
  MultisetDigest sum;
  for (const MultisetDigest* part : {&fast_, &slow_, &oversize_})
    sum.merge(*part);
  return sum;
}

SetStates Ledger::sets() const {
  SetStates states;
  for (const auto& [set, members] : members_) {
    const auto seen = static_cast<std::size_t>(std::popcount(members));
    if (seen == kShredsInSet) {
      ++states.complete;
    } else if (seen >= kShredsInSet / 2) {
      ++states.recovered;
    } else {
      ++states.incomplete;
    }
  }
  return states;
}

Oracle oracle_of(const Workload& workload, const std::set<std::uint16_t>& more_ports) {
  const WorkloadInfo& info = workload.info();
  OracleConfig config{.mac = info.link.receiver_mac, .addresses = {info.link.receiver}, .ports = more_ports};
  config.ports.insert(info.tvu_port);
  return Oracle(std::move(config));
}

}  // namespace penstock
