// Numbers as people read them.
//
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/clock.h"

namespace penstock {

// To the nearest; exact up to 18 thousand million in the interval. REQUIRES: interval > 0.
constexpr std::uint64_t per_second(std::uint64_t count, Nanoseconds interval) {
  const auto length = static_cast<std::uint64_t>(interval);
  return (count * static_cast<std::uint64_t>(kSecond) + length / 2) / length;
}

// "1,234,567".
inline std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, 1, ',');
  return text;
}

}  // namespace penstock
