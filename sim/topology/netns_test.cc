// Namespaces, threads and sockets inside them, settings. Needs root.
#include "sim/topology/netns.h"

#include <errno.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace penstock {
namespace {

ino_t number_of(const NetNamespace& ns) {
  struct stat info {};
  EXPECT_EQ(fstat(ns.fd(), &info), 0);
  return info.st_ino;
}

TEST(NetNamespace, IsANewOneAndLeavesTheCallerWhereItWas) {
  const auto before = NetNamespace::current();
  const auto made = NetNamespace::create();
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_NE(number_of(*made), number_of(*before));
  EXPECT_EQ(number_of(*NetNamespace::current()), number_of(*before));
}

TEST(NetNamespace, HasLoopbackUp) {
  const auto ns = NetNamespace::create();
  ASSERT_TRUE(ns) << ns.error().message();
  // A datagram to 127.0.0.1 comes back to the same socket.
  const auto socket = ns->socket(AF_INET, SOCK_DGRAM, 0);
  ASSERT_TRUE(socket) << socket.error().message();
  sockaddr_in self{};
  self.sin_family = AF_INET;
  self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(socket->get(), reinterpret_cast<sockaddr*>(&self), sizeof(self)), 0);
  socklen_t length = sizeof(self);
  ASSERT_EQ(getsockname(socket->get(), reinterpret_cast<sockaddr*>(&self), &length), 0);
  ASSERT_EQ(sendto(socket->get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&self), length), 1);
  char got = 0;
  EXPECT_EQ(recv(socket->get(), &got, 1, 0), 1);
  EXPECT_EQ(got, 'x');
}

TEST(RunIn, RunsInsideAndReturnsTheResult) {
  const auto ns = NetNamespace::create();
  const auto inside = run_in(*ns, []() -> Result<ino_t> { return number_of(*NetNamespace::current()); });
  ASSERT_TRUE(inside);
  EXPECT_EQ(*inside, number_of(*ns));
  const Status error = run_in(*ns, []() -> Status { return fail("inner", EBUSY); });
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, EBUSY);
}

TEST(StartThreadIn, RunsInsideUntilItsOwnerGoes) {
  const auto ns = NetNamespace::create();
  std::atomic<ino_t> inside = 0;
  std::atomic<bool> stopped = false;
  {
    const auto thread = start_thread_in(*ns, [&](const std::stop_token& stop) {
      inside = number_of(*NetNamespace::current());
      while (!stop.stop_requested())
        usleep(100);
      stopped = true;
    });
    ASSERT_TRUE(thread) << thread.error().message();
  }
  EXPECT_EQ(inside, number_of(*ns));
  EXPECT_TRUE(stopped);
}

TEST(SetSysctl, ChangesThisNamespaceOnly) {
  const auto one = NetNamespace::create();
  const auto other = NetNamespace::create();
  ASSERT_TRUE(other->set_sysctl("ipv4/conf/all/rp_filter", "2"));
  ASSERT_TRUE(one->set_sysctl("ipv4/conf/all/rp_filter", "1"));
  const auto read = [](const NetNamespace& ns) {
    return run_in(ns, []() -> Result<std::string> {
      FILE* file = std::fopen("/proc/sys/net/ipv4/conf/all/rp_filter", "re");
      std::string text(1, static_cast<char>(std::fgetc(file)));
      std::fclose(file);
      return text;
    });
  };
  EXPECT_EQ(*read(*one), "1");
  EXPECT_EQ(*read(*other), "2");
}

TEST(SetSysctl, RefusesAWrongNameAndAWrongValue) {
  const auto ns = NetNamespace::create();
  EXPECT_EQ(ns->set_sysctl("ipv4/conf/all/no_such_setting", "1").error().code, ENOENT);
  EXPECT_EQ(ns->set_sysctl("ipv4/conf/all/rp_filter", "many").error().code, EINVAL);
}

}  // namespace
}  // namespace penstock
