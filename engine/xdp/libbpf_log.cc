// The callback, set once for the process, and its per-thread receiver.
#include "engine/xdp/libbpf_log.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <mutex>

#include "engine/base/check.h"

namespace penstock {
namespace {

thread_local LibbpfLog* current = nullptr;

}  // namespace

struct LibbpfLogSink {
  static int print(libbpf_print_level level, const char* format, va_list arguments) {
    if (level == LIBBPF_DEBUG || current == nullptr) return 0;
    char line[4096];
    const int written = std::vsnprintf(line, sizeof(line), format, arguments);
    if (written > 0) current->text_ += line;
    return written;
  }
};

LibbpfLog::LibbpfLog() {
  static std::once_flag once;
  std::call_once(once, [] { libbpf_set_print(&LibbpfLogSink::print); });
  PENSTOCK_CHECK(current == nullptr);
  current = this;
}

LibbpfLog::~LibbpfLog() {
  current = nullptr;
}

}  // namespace penstock
