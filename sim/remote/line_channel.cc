// Poll, read, write.
#include "sim/remote/line_channel.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace penstock {

Result<std::string> LineChannel::read_line(Nanoseconds timeout) {
  const MonotonicClock clock;
  const Nanoseconds deadline = clock.now() + timeout;
  for (;;) {
    if (const std::size_t end = rest_.find('\n'); end != std::string::npos) {
      std::string line = rest_.substr(0, end);
      rest_.erase(0, end + 1);
      return line;
    }
    if (rest_.size() > kMostBytes) return fail("read a line", EMSGSIZE);
    const Nanoseconds left = deadline - clock.now();
    if (left <= 0) return fail("read a line", ETIMEDOUT);
    pollfd input{.fd = in_.get(), .events = POLLIN, .revents = 0};
    const int ready =
        poll(&input, 1, static_cast<int>(std::min<Nanoseconds>(left / kMillisecond + 1, 1'000)));
    if (ready < 0 && errno != EINTR) return fail("wait for a line", errno);
    if (ready <= 0) continue;
    std::array<char, 65'536> buffer;
    const ssize_t got = read(in_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("read a line", errno);
    if (got == 0) return fail("read a line: the other side has ended", ECONNRESET);
    rest_.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Status LineChannel::write_line(const std::string& line) {
  const std::string whole = line + "\n";
  for (std::size_t at = 0; at < whole.size();) {
    const ssize_t written = write(out_.get(), whole.data() + at, whole.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      return fail("write a line: the other side has ended", errno == EPIPE ? ECONNRESET : errno);
    at += static_cast<std::size_t>(written);
  }
  return {};
}

}  // namespace penstock
