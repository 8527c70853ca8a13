// A TCP client that says what it is told and nothing else: for tests of the HTTP server, by clients of every
// kind.
//
// Thread safety: none. Reads wait 20 s at most, which no sound server needs.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/base/clock.h"
#include "engine/base/unique_fd.h"
#include "engine/http/listen_address.h"

namespace penstock {

class RawClient {
 public:
  // Not connected yet.
  RawClient() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  // Connected. `receive_buffer`: of its socket, in bytes; 0: the kernel's choice.
  explicit RawClient(const ListenAddress& server, int receive_buffer = 0) : RawClient() {
    if (receive_buffer != 0)
      setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    connect(server);
  }

  void connect(const ListenAddress& server) const {
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&server.address), server.length), 0);
  }

  // False when the server has closed.
  bool say(std::string_view bytes) const {
    return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  bool hears_within(Nanoseconds patience) const {
    pollfd wanted{fd_.get(), POLLIN, 0};
    return ::poll(&wanted, 1, static_cast<int>(patience / kMillisecond)) == 1;
  }

  // All until the server closes or resets.
  std::string hear() const {
    std::string text;
    std::array<char, 4096> piece;
    for (;;) {
      if (!hears_within(20 * kSecond)) {
        ADD_FAILURE() << "the server neither answers nor closes, after " << text.size() << " bytes";
        break;
      }
      const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
      if (got <= 0) break;
      text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  UniqueFd fd_;
};

}  // namespace penstock
