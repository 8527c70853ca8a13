// The one place a failed check ends in.
#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace penstock {

void check_failed(const char* text, const char* file, unsigned line, const char* function) {
  std::fprintf(stderr, "%s:%u: %s: CHECK(%s) failed\n", file, line, function, text);
  std::abort();
}

}  // namespace penstock
