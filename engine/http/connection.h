// One client of the HTTP server, from its accept to its close: a head is read, one answer written, the
// connection closed. No keep-alive, no body, no pipelining.
//
//   reading ──► writing ──► draining ──► done
//
// Draining: what the client still sends is read and thrown away until it closes, because closing a socket
// with unread bytes resets it and takes the answer away from a client that has not read it yet.
//
// Memory: at most kMaxRequestHead of the request and one answer, whatever the client does. Never blocks.
//
// Ownership: owns its socket. Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/unique_fd.h"

namespace penstock {

struct HttpAnswer {
  int status = 200;
  std::string body{};
  std::string type = "text/plain; charset=utf-8";
};
// The page at a path, such as "/metrics"; 404 for one that is not there.
using HttpPages = std::function<HttpAnswer(std::string_view path)>;

class HttpConnection {
 public:
  // Bytes that are drained at most; a client that sends more is reset.
  static constexpr std::size_t kMaxDrained = std::size_t{64} << 10;

  // `socket`: non-blocking. `deadline`: when its owner will end it, whatever it is doing then.
  HttpConnection(UniqueFd socket, Nanoseconds deadline) : socket_(std::move(socket)), deadline_(deadline) {}

  // Goes as far as the socket lets it.
  void advance(const HttpPages& pages);

  bool done() const { return state_ == State::kDone; }
  int fd() const { return socket_.get(); }
  short events() const;  // what to poll() for
  Nanoseconds deadline() const { return deadline_; }

 private:
  enum class State : std::uint8_t { kReading, kWriting, kDraining, kDone };

  void read_head(const HttpPages& pages);
  void write_answer();
  void drain();

  UniqueFd socket_;
  Nanoseconds deadline_;
  State state_ = State::kReading;
  std::string in_;
  std::string out_;
  std::size_t written_ = 0;
  std::size_t drained_ = 0;
};

// Status line, headers and, unless it is not wanted, body.
std::string http_text(const HttpAnswer& answer, bool with_body);

}  // namespace penstock
