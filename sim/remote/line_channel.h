// Lines over two descriptors, each way by itself: pipes to another program, or standard input and output.
//
// Thread safety: one reader and one writer at a time.
#pragma once

#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

class LineChannel {
 public:
  // Longest line: a scenario file with room to spare. A longer one is an error, so that a peer cannot grow
  // memory.
  static constexpr std::size_t kMostBytes = 1 << 20;

  LineChannel(UniqueFd in, UniqueFd out) : in_(std::move(in)), out_(std::move(out)) {}

  // Without its end. Errors: ETIMEDOUT; ECONNRESET at the end of the input; EMSGSIZE.
  Result<std::string> read_line(Nanoseconds timeout);
  // With an end. Errors: ECONNRESET when nobody reads any more. REQUIRES: SIGPIPE is ignored.
  Status write_line(const std::string& line);

  // The other side sees the end of its input.
  void close_output() { out_.reset(); }
  int input() const { return in_.get(); }

 private:
  UniqueFd in_;
  UniqueFd out_;
  std::string rest_;  // read, and behind the last line that was taken
};

}  // namespace penstock
