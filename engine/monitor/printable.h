// What came from another process, before it goes to a terminal.
//
// Thread safety: a pure function.
#pragma once

#include <algorithm>
#include <string>

namespace penstock {

// With '?' in place of control characters, which could move the cursor, or worse; with `lines` ends of line
// stay.
inline std::string printable(std::string text, bool lines = false) {
  std::replace_if(
      text.begin(), text.end(),
      [lines](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && !(lines && c == '\n')) || c == 0x7f;
      },
      '?');
  return text;
}

}  // namespace penstock
