// The order of the draws.
#include "engine/classify/fuzz/frame_mutator.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/classify/fuzz/byte_mutations.h"
#include "engine/classify/fuzz/field_mutations.h"
#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

// How many field-wise mutations a frame gets, in parts per hundred: none, one, two, three.
constexpr std::uint64_t kNone = 25, kOne = 45, kTwo = 20;
constexpr std::uint32_t kBytewise = 150'000;  // parts per million of the frames

ClassifierConfig completed(ClassifierConfig target) {
  PENSTOCK_CHECK(!target.ports.empty());
  if (!target.mac) target.mac = MacAddress{{2, 0, 0, 0, 0, 2}};
  if (target.addresses.empty()) target.addresses = {{{10, 1, 0, 2}}};
  if (target.ipv6_addresses.empty()) target.ipv6_addresses = {*Ipv6Address::parse("2001:db8::2")};
  return target;
}

std::uint64_t draw_count(Random& random) {
  const std::uint64_t at = random.below(100);
  if (at < kNone) return 0;
  if (at < kNone + kOne) return 1;
  return at < kNone + kOne + kTwo ? 2 : 3;
}

void store_be64(std::byte* to, std::uint64_t value) {
  store_be32(to, static_cast<std::uint32_t>(value >> 32));
  store_be32(to + 4, static_cast<std::uint32_t>(value));
}

}  // namespace

FrameMutator::FrameMutator(ClassifierConfig target, const MutatorOptions& options)
    : target_(completed(std::move(target))),
      options_(options),
      next_(options.first / kBlock * kBlock),
      random_(0),
      noise_(2 * kMaxMutatedFrame),
      payload_(kMaxMutatedFrame) {
  PENSTOCK_CHECK(kMinMutatedFrame <= options.min_bytes && options.min_bytes <= options.max_bytes &&
                 options.max_bytes <= kMaxMutatedFrame);
  frame_.reserve(2 * kMaxMutatedFrame);
  while (next_ < options.first)
    next();
}

void FrameMutator::begin_block() {
  random_ = Random(options_.seed, "frames", next_ / kBlock);
  random_.fill(noise_);
}

std::span<const std::byte> FrameMutator::next() {
  if (next_ % kBlock == 0) begin_block();
  FrameParts parts = draw_frame(target_, random_);
  for (std::uint64_t left = draw_count(random_); left > 0; --left)
    mutate_fields(parts, target_, random_);

  parts.ip.id = static_cast<std::uint16_t>(next_);
  const std::size_t from = random_.below(kMaxMutatedFrame);
  std::copy_n(noise_.begin() + static_cast<std::ptrdiff_t>(from), parts.payload, payload_.begin());
  store_be64(payload_.data(), next_);
  write_frame(parts, payload_, frame_);

  const bool bytewise = random_.chance(kBytewise);
  if (options_.bytewise && bytewise) mutate_bytes(frame_, random_);
  frame_.resize(std::clamp(frame_.size(), options_.min_bytes, options_.max_bytes));
  ++next_;
  return frame_;
}

}  // namespace penstock
