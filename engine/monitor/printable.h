// What came from another process, before it goes to a terminal.
//
// Thread safety: a pure function.
#pragma once

#include <algorithm>
#include <string>

namespace penstock {

// With '?' in place of control characters, which could move the cursor, or worse.
inline std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
      '?');
  return text;
}

}  // namespace penstock
