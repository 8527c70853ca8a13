// Connect, ask, read to the end.
#include "engine/http/client.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "engine/base/unique_fd.h"

namespace penstock {
namespace {

// A socket with a time by which everything is over.
class Asking {
 public:
  Asking(UniqueFd fd, Nanoseconds patience) : fd_(std::move(fd)), deadline_(clock_.now() + patience) {}

  // 0, or an errno.
  int wait(short events) const {
    for (;;) {
      const Nanoseconds left = deadline_ - clock_.now();
      if (left <= 0) return ETIMEDOUT;
      pollfd wanted{fd_.get(), events, 0};
      const int ready = poll(&wanted, 1, static_cast<int>(left / kMillisecond) + 1);
      if (ready > 0) return 0;
      if (ready < 0 && errno != EINTR) return errno;
    }
  }

  int connect(const ListenAddress& to) const {
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to.address), to.length) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    if (const int code = wait(POLLOUT); code != 0) return code;
    int error = 0;
    socklen_t length = sizeof(error);
    getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    return error;
  }

  int put(std::string_view text) const {
    while (!text.empty()) {
      if (const int code = wait(POLLOUT); code != 0) return code;
      const ssize_t sent = send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) return errno;
      if (sent > 0) text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return 0;
  }

  int get_all(std::string& text) const {
    while (text.size() <= kMaxHttpPage) {
      if (const int code = wait(POLLIN); code != 0) return code;
      std::array<char, 16384> piece;
      const ssize_t got = recv(fd_.get(), piece.data(), piece.size(), 0);
      if (got == 0) return 0;
      if (got < 0 && errno != EAGAIN && errno != EINTR) return errno;
      if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return EBADMSG;
  }

 private:
  MonotonicClock clock_;
  UniqueFd fd_;
  Nanoseconds deadline_;
};

// "HTTP/1.1 200 OK\r\n...\r\n\r\nBODY"; status 0 when it is not that.
HttpPage parse_page(const std::string& text) {
  HttpPage page;
  const std::size_t body = text.find("\r\n\r\n");
  constexpr std::size_t kStatusAt = 9;
  if (!text.starts_with("HTTP/1.") || body == std::string::npos || body < kStatusAt + 3) return page;
  std::from_chars(text.data() + kStatusAt, text.data() + kStatusAt + 3, page.status);
  page.body = text.substr(body + 4);
  return page;
}

}  // namespace

Result<HttpPage> http_get(const ListenAddress& server, std::string_view path, Nanoseconds patience) {
  const std::string doing = fmt::format("get http://{}{}", server.to_string(), path);
  const Asking asking(
      UniqueFd(socket(server.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), patience);
  int code = asking.connect(server);
  if (code == 0)
    code = asking.put(
        fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", path, server.to_string()));
  std::string text;
  if (code == 0) code = asking.get_all(text);
  if (code != 0) return fail(doing, code);
  HttpPage page = parse_page(text);
  if (page.status == 0) return fail(doing + ": that is not HTTP", EBADMSG);
  return page;
}

}  // namespace penstock
