// libbpf writes its messages, the verifier's log among them, to a callback. This keeps the ones of
// the current thread, so that an error can show them and nothing goes to stderr behind the
// engine's back.
#pragma once

#include <string>

namespace penstock {

// While it lives, libbpf's warnings of this thread are collected here. Not nested.
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  // All that was collected, without the last newline; empty when libbpf had nothing to say.
  const std::string& text() const { return text_; }

 private:
  friend struct LibbpfLogSink;

  std::string text_;
};

}  // namespace penstock
