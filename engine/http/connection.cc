// The states of a connection.
#include "engine/http/connection.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include <fmt/format.h>

#include "engine/http/request_head.h"

namespace penstock {
namespace {

const char* reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

bool must_wait() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

std::string http_text(const HttpAnswer& answer, bool with_body) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n"
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{}\r\n{}",
      answer.status, reason_phrase(answer.status), answer.type, answer.body.size(),
      answer.status == 405 ? "Allow: GET, HEAD\r\n" : "", with_body ? answer.body : "");
}

short HttpConnection::events() const {
  return state_ == State::kWriting ? POLLOUT : POLLIN;
}

void HttpConnection::advance(const HttpPages& pages) {
  if (state_ == State::kReading) read_head(pages);
  if (state_ == State::kWriting) write_answer();
  if (state_ == State::kDraining) drain();
}

void HttpConnection::read_head(const HttpPages& pages) {
  while (state_ == State::kReading) {
    std::array<char, 1024> piece;
    const std::size_t room = std::min(piece.size(), kMaxRequestHead - in_.size());
    const ssize_t got = recv(socket_.get(), piece.data(), room, 0);
    if (got < 0 && must_wait()) return;
    if (got <= 0) {
      state_ = State::kDone;
      return;
    }
    in_.append(piece.data(), static_cast<std::size_t>(got));
    const RequestHead head = parse_request_head(in_);
    if (head.status == 0) continue;
    const HttpAnswer answer =
        head.status == 200
            ? pages(head.path)
            : HttpAnswer{.status = head.status, .body = fmt::format("{}\n", reason_phrase(head.status))};
    out_ = http_text(answer, head.wants_body);
    state_ = State::kWriting;
  }
}

void HttpConnection::write_answer() {
  while (written_ < out_.size()) {
    const ssize_t put = send(socket_.get(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
    if (put < 0 && must_wait()) return;
    if (put < 0) {
      state_ = State::kDone;
      return;
    }
    written_ += static_cast<std::size_t>(put);
  }
  shutdown(socket_.get(), SHUT_WR);
  state_ = State::kDraining;
}

void HttpConnection::drain() {
  for (;;) {
    std::array<char, 4096> piece;
    const ssize_t got = recv(socket_.get(), piece.data(), piece.size(), 0);
    if (got < 0 && must_wait()) return;
    if (got > 0) drained_ += static_cast<std::size_t>(got);
    if (got > 0 && drained_ <= kMaxDrained) continue;
    state_ = State::kDone;
    return;
  }
}

}  // namespace penstock
