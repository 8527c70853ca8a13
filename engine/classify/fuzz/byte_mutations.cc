// The byte-wise mutations.
#include "engine/classify/fuzz/byte_mutations.h"

#include <algorithm>

#include "engine/classify/fuzz/frame_parts.h"
#include "engine/packet/byte_order.h"
#include "engine/packet/checksum.h"

namespace penstock {
namespace {

constexpr std::size_t kHeaders = 80;  // Ethernet, two tags, IPv6, UDP and some payload

std::size_t header_offset(const std::vector<std::byte>& frame, Random& random) {
  return random.below(std::min(frame.size(), kHeaders));
}

void cut(std::vector<std::byte>& frame, Random& random) {
  const std::size_t end = random.chance(700'000) ? std::min(frame.size(), kHeaders) : frame.size();
  frame.resize(random.between(kMinMutatedFrame, std::max(end, kMinMutatedFrame)));
}

void lengthen(std::vector<std::byte>& frame, Random& random) {
  const std::size_t old = frame.size();
  const std::size_t most =
      random.chance(800'000) ? std::min<std::size_t>(old + 64, kMaxMutatedFrame) : kMaxMutatedFrame;
  frame.resize(random.between(old, std::max(old, most)));
  random.fill(std::span(frame).subspan(old));
}

void change_byte(std::vector<std::byte>& frame, Random& random) {
  static constexpr std::byte kValues[] = {std::byte{0},    std::byte{1},    std::byte{0x7f},
                                          std::byte{0x80}, std::byte{0xfe}, std::byte{0xff}};
  std::byte& at = frame[header_offset(frame, random)];
  switch (random.below(3)) {
    case 0:
      at ^= std::byte{1} << random.below(8);
      return;
    case 1:
      at = pick(random, kValues);
      return;
    default:
      at = static_cast<std::byte>(random.below(256));
  }
}

void change_word(std::vector<std::byte>& frame, Random& random) {
  const std::size_t at = header_offset(frame, random) & ~std::size_t{1};
  if (at + 2 > frame.size()) return;
  const std::uint16_t old = load_be16(&frame[at]);
  store_be16(&frame[at], static_cast<std::uint16_t>(random.chance(500'000) ? old + random.below(9) - 4
                                                                           : random.below(65'536)));
}

// Shifts what follows, as a header too many or too few does.
void insert_or_erase(std::vector<std::byte>& frame, Random& random) {
  const auto at = frame.begin() + static_cast<std::ptrdiff_t>(header_offset(frame, random));
  const std::size_t bytes = random.between(1, 8);
  if (random.chance(500'000)) {
    frame.insert(at, bytes, std::byte{0});
  } else {
    frame.erase(at, at + std::min(static_cast<std::ptrdiff_t>(bytes), frame.end() - at));
  }
}

void noise(std::vector<std::byte>& frame, Random& random) {
  frame.resize(random.between(kMinMutatedFrame, 128));
  random.fill(frame);
  if (random.chance(800'000) && frame.size() >= 16) store_be16(&frame[12], 0x0800);
}

// Between the first IPv4 header's first byte and the end that its IHL gives.
void fix_ip_checksum(std::vector<std::byte>& frame) {
  constexpr std::size_t kIp = 14;
  if (frame.size() < kIp + 20 || load_be16(&frame[12]) != 0x0800) return;
  const std::size_t bytes = (std::to_integer<std::size_t>(frame[kIp]) & 0x0f) * 4;
  if (bytes < 20 || frame.size() < kIp + bytes) return;
  store_be16(&frame[kIp + 10], 0);
  store_be16(&frame[kIp + 10], checksum_finish(checksum_sum(std::span(frame).subspan(kIp, bytes))));
}

}  // namespace

void mutate_bytes(std::vector<std::byte>& frame, Random& random) {
  for (std::uint64_t times = random.between(1, 2); times > 0; --times) {
    const std::uint64_t kind = random.below(20);
    if (kind < 5) {
      cut(frame, random);
    } else if (kind < 7) {
      lengthen(frame, random);
    } else if (kind < 13) {
      change_byte(frame, random);
    } else if (kind < 17) {
      change_word(frame, random);
    } else if (kind < 19) {
      insert_or_erase(frame, random);
    } else {
      noise(frame, random);
    }
    frame.resize(std::clamp(frame.size(), kMinMutatedFrame, kMaxMutatedFrame));
  }
  if (random.chance(500'000)) fix_ip_checksum(frame);
}

}  // namespace penstock
