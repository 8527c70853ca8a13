// Formatting of Error.
#include "engine/base/result.h"

#include <string.h>

#include <fmt/format.h>

namespace penstock {

std::string Error::message() const {
  std::string text = what;
  if (code != 0) {
    const char* name = strerrorname_np(code);
    text += fmt::format(": {} ({})", name ? name : "errno " + std::to_string(code),
                        strerrordesc_np(code) ? strerrordesc_np(code) : "unknown");
  }
  if (!fix.empty()) text += "; fix: " + fix;
  return text;
}

}  // namespace penstock
