// Schoolbook conversion between base 256 and base 58: the numbers are at most 64 bytes.
#include "engine/shred/base58.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr std::string_view kDigits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t kMaxBytes = 64;
constexpr std::size_t kMaxKeyDigits = 44;  // 32 bytes of 255

// number = number * base + digit, in place; `number` has its least significant place first.
void multiply_add(std::vector<unsigned>& number, unsigned number_base, unsigned base, unsigned digit) {
  unsigned carry = digit;
  for (unsigned& place : number) {
    carry += place * base;
    place = carry % number_base;
    carry /= number_base;
  }
  while (carry != 0) {
    number.push_back(carry % number_base);
    carry /= number_base;
  }
}

}  // namespace

std::string to_base58(std::span<const std::byte> bytes) {
  PENSTOCK_CHECK(bytes.size() <= kMaxBytes);
  std::vector<unsigned> number;
  for (const std::byte byte : bytes)
    multiply_add(number, 58, 256, std::to_integer<unsigned>(byte));
  const auto zeros = std::find_if(bytes.begin(), bytes.end(), [](std::byte b) { return b != std::byte{0}; });
  std::string text(static_cast<std::size_t>(zeros - bytes.begin()), kDigits[0]);
  for (auto digit = number.rbegin(); digit != number.rend(); ++digit)
    text.push_back(kDigits[*digit]);
  return text;
}

Result<std::array<std::byte, 32>> key_from_base58(std::string_view text) {
  std::array<std::byte, 32> key{};
  // Before the arithmetic, which is quadratic in the length.
  if (text.size() > kMaxKeyDigits)
    return fail(fmt::format("read base58 key: {} digits", text.size()), 0, "a key has at most 44");
  std::vector<unsigned> number;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos)
      return fail(fmt::format("read base58 key \"{}\": '{}' is no digit", text, c));
    multiply_add(number, 256, 58, static_cast<unsigned>(digit));
  }
  const std::size_t zeros = std::min(text.find_first_not_of(kDigits[0]), text.size());
  if (zeros + number.size() != key.size()) {
    return fail(fmt::format("read base58 key \"{}\": {} bytes, a key has 32", text, zeros + number.size()));
  }
  std::transform(number.begin(), number.end(), key.rbegin(), [](unsigned place) { return std::byte(place); });
  return key;
}

}  // namespace penstock
