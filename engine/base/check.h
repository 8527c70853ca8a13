// Checks of programmer errors. They stay on in release builds, whatever NDEBUG says, because a
// receiver that goes on with a broken invariant corrupts silently. For what the world outside can
// cause, return a Result (result.h) instead: nothing that arrives from the network may end here.
#pragma once

namespace penstock {

// Prints "file:line: function: CHECK(text) failed" to stderr and aborts.
[[noreturn]] void check_failed(const char* text, const char* file, unsigned line, const char* function);

}  // namespace penstock

#define PENSTOCK_CHECK(condition)                    \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::penstock::check_failed(#condition, __FILE__, __LINE__, __func__))
