// A service manager's end of the notify socket, for tests.
//
// Thread safety: none. NOTIFY_SOCKET is set for this process and its children until the object goes.
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "engine/base/unique_fd.h"
#include "engine/base/unix_address.h"

namespace penstock {

class FakeManager {
 public:
  // `name`: a path, or "@" and an abstract name.
  explicit FakeManager(const std::string& name = "@penstock-test-" + std::to_string(::getpid()))
      : end_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const Result<UnixAddress> address = UnixAddress::parse(name);
    EXPECT_TRUE(address) << address.error().message();
    if (!address) return;
    EXPECT_EQ(::bind(end_.get(), address->get(), address->length), 0) << strerror(errno);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~FakeManager() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
      ::unsetenv(name);
  }
  FakeManager(const FakeManager&) = delete;
  FakeManager& operator=(const FakeManager&) = delete;

  // What it was told next; "" when there is nothing.
  std::string heard() const {
    char text[1024];
    const ssize_t length = ::recv(end_.get(), text, sizeof(text), 0);
    return length < 0 ? "" : std::string(text, static_cast<std::size_t>(length));
  }
  // The same, waited for; "" when nothing comes for very long.
  std::string hears() const {
    for (int i = 0; i < 2'000; ++i) {
      if (std::string text = heard(); !text.empty()) return text;
      ::usleep(10'000);
    }
    return "";
  }

 private:
  UniqueFd end_;
};

}  // namespace penstock
