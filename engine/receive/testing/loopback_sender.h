// A UDP sender on loopback, for tests of what reads sockets. Needs a namespace of its own. Thread safety:
// none.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "engine/base/unique_fd.h"

namespace penstock {

inline sockaddr_in at(const char* address, std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = inet_addr(address);
  return to;
}

// A sender on loopback.
class LoopbackSender {
 public:
  LoopbackSender() : fd_(socket(AF_INET, SOCK_DGRAM, 0)) {
    const sockaddr_in from = at("127.0.0.1", kSourcePort);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)), 0);
  }
  void send(std::size_t bytes, std::uint64_t tag, std::uint16_t port = 8003, const char* to = "127.0.0.1") {
    std::vector<std::byte> payload(bytes);
    if (bytes >= sizeof(tag)) std::memcpy(payload.data(), &tag, sizeof(tag));
    const sockaddr_in address = at(to, port);
    ASSERT_EQ(::sendto(fd_.get(), payload.data(), bytes, 0, reinterpret_cast<const sockaddr*>(&address),
                       sizeof(address)),
              static_cast<ssize_t>(bytes));
  }
  // The error that an ICMP message left at a connected socket; 0 when none came.
  static int refusal(std::uint16_t port) {
    const UniqueFd fd(socket(AF_INET, SOCK_DGRAM, 0));
    const sockaddr_in to = at("127.0.0.1", port);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    EXPECT_EQ(::send(fd.get(), "x", 1, 0), 1);
    pollfd error{.fd = fd.get(), .events = 0, .revents = 0};
    ::poll(&error, 1, 0);  // over loopback the answer is there when send() returns
    int code = 0;
    socklen_t length = sizeof(code);
    getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &code, &length);
    return code;
  }

  static constexpr std::uint16_t kSourcePort = 4242;

 private:
  UniqueFd fd_;
};

}  // namespace penstock
