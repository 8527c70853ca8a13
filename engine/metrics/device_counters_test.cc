// An interface of the test's own namespace: what came in is counted, and one that is not there is an error.
#include "engine/metrics/device_counters.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "engine/base/unique_fd.h"

namespace penstock {
namespace {

TEST(DeviceCounters, GrowWithWhatComesIn) {
  const auto before = read_device_counters("lo");
  ASSERT_TRUE(before) << before.error().message();
  const UniqueFd sender(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(9);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 10; ++i)
    static_cast<void>(::sendto(sender.get(), "x", 1, 0, reinterpret_cast<sockaddr*>(&to), sizeof(to)));
  const auto after = read_device_counters("lo");
  ASSERT_TRUE(after);
  EXPECT_GE(after->rx_packets - before->rx_packets, 5u);  // beside them go the refusals
  EXPECT_GE(after->rx_bytes - before->rx_bytes, 5u * 29);
}

TEST(DeviceCounters, SayThatThereIsNoSuchInterface) {
  const auto none = read_device_counters("nothere0");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ENODEV);
}

}  // namespace
}  // namespace penstock
