// A few pages over HTTP for local tools (Prometheus, probes, `penstock monitor`), on a thread of its own
// ("pen-http"), in a process whose other threads receive frames and must not notice.
//
// Our own, not a library's: of what Debian and Ubuntu both have, libmicrohttpd brings GnuTLS into a process
// that holds capabilities, and cpp-httplib a pool of blocking threads. What is needed here is one request of
// a line and one answer.
//
// Limits, so that no client can cost more than these, whatever it sends or leaves unsent:
//   kConnections   at a time; one more ends the oldest
//   kPerSecond     connections are taken, after a burst of kBurst; more wait in the kernel's backlog
//   kPatience      for all of a connection; then it is closed
//   memory         connection.h
// The thread is nice (kNice), waits in poll(), and takes no lock that another thread holds.
//
// No password and no TLS: listen on loopback, or behind something that has them.
//
// Thread safety: start and destroy from one thread; pages() is called on the server's. The destructor
// returns when that is over.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/http/connection.h"
#include "engine/http/listen_address.h"

namespace penstock {

class HttpServer {
 public:
  static constexpr std::size_t kConnections = 8;
  static constexpr int kPerSecond = 100;
  static constexpr int kBurst = 16;
  static constexpr Nanoseconds kPatience = 2 * kSecond;
  static constexpr int kNice = 10;

  // Listens when it returns. Errors: the address, with the errno.
  static Result<std::unique_ptr<HttpServer>> start(const ListenAddress& listen, HttpPages pages);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Where it listens, with the port that the kernel chose for a 0.
  const ListenAddress& address() const { return address_; }

 private:
  HttpServer(UniqueFd listener, UniqueFd wake, HttpPages pages)
      : listener_(std::move(listener)), wake_(std::move(wake)), pages_(std::move(pages)) {}

  void run(const std::stop_token& token);
  bool may_accept(Nanoseconds now);
  int timeout(Nanoseconds now) const;
  void accept_one(Nanoseconds now);

  UniqueFd listener_;
  UniqueFd wake_;  // eventfd: the stop
  HttpPages pages_;
  ListenAddress address_;
  MonotonicClock clock_;
  std::vector<std::unique_ptr<HttpConnection>> connections_;  // the oldest first
  int tokens_ = kBurst;                                       // connections that may be taken now
  Nanoseconds refilled_ = 0;
  std::jthread thread_;  // last, so that it ends before what it uses goes
};

}  // namespace penstock
