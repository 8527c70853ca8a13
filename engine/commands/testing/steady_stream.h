// Datagrams that come all the while, for a test that does something to the engine meanwhile.
//
// Thread safety: none; it sends on a thread of its own until end().
#pragma once

#include <unistd.h>

#include <cstdint>
#include <functional>
#include <thread>
#include <utility>

namespace penstock {

class SteadyStream {
 public:
  // `send`: one datagram, with one of a hundred source ports, so that every queue has some.
  explicit SteadyStream(std::function<void(std::uint16_t source_port)> send) : send_(std::move(send)) {}
  ~SteadyStream() { end(); }
  SteadyStream(const SteadyStream&) = delete;
  SteadyStream& operator=(const SteadyStream&) = delete;

  // How many it has sent.
  std::int64_t end() {
    if (thread_.joinable()) {
      thread_.request_stop();
      thread_.join();
    }
    return sent_;
  }

 private:
  void run(const std::stop_token& token) {
    // Slowly enough for a ring of 4096 to hold what comes while the engine has no core for a second.
    for (; !token.stop_requested(); ++sent_) {
      send_(static_cast<std::uint16_t>(9000 + sent_ % 100));
      usleep(500);
    }
  }

  std::function<void(std::uint16_t)> send_;
  std::int64_t sent_ = 0;
  std::jthread thread_{[this](const std::stop_token& token) { run(token); }};  // last
};

}  // namespace penstock
