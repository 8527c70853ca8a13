// Included first in what clang-tidy 14 reads, and nowhere else: it lacks __builtin_source_location, so
// gcc 12's <source_location> declares nothing for it. The analyser needs declarations, not values.
#pragma once

#include <source_location>

#ifndef __cpp_lib_source_location
#include <cstdint>

namespace std {

struct source_location {
  static constexpr source_location current() noexcept { return {}; }
  constexpr uint_least32_t line() const noexcept { return 0; }
  constexpr uint_least32_t column() const noexcept { return 0; }
  constexpr const char* file_name() const noexcept { return ""; }
  constexpr const char* function_name() const noexcept { return ""; }
};

}  // namespace std
#endif
