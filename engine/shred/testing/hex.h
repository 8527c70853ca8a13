// Hexadecimal text and SHA-256, for comparing with known answers written as text.
//
// Thread safety: pure functions. For tests only: they allocate and CHECK their input.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"

namespace penstock::testing {

// Lower-case hexadecimal digits, two a byte.
std::string to_hex(std::span<const std::byte> bytes);

// The bytes of an even number of digits; spaces are skipped.
std::vector<std::byte> from_hex(std::string_view text);

// The same for a known size.
template <std::size_t kSize>
std::array<std::byte, kSize> array_from_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  PENSTOCK_CHECK(bytes.size() == kSize);
  std::array<std::byte, kSize> array;
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

// SHA-256 as hexadecimal digits, by a path that shares nothing with merkle.h.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace penstock::testing
