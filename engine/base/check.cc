// The one place a failed check ends in.
#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace penstock {

void check_failed(const char* text, const std::source_location& where) {
  std::fprintf(stderr, "%s:%u: %s: CHECK(%s) failed\n", where.file_name(), where.line(),
               where.function_name(), text);
  std::abort();
}

}  // namespace penstock
