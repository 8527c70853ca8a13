// The pair, and the packet socket behind it.
#include "sim/replay/testing/veth_pair.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>

#include "sim/replay/stamp.h"
#include "sim/topology/link.h"
#include "sim/topology/netns.h"
#include "sim/topology/offloads.h"
#include "sim/workload/generator.h"

namespace penstock::testing {

void run(const std::string& command) {
  ASSERT_EQ(::system(command.c_str()), 0) << command;
}

FrameListener::FrameListener(const char* interface)
    : fd_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
  EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  const int room = 256 << 20;
  EXPECT_EQ(::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), 0);
}

Frames FrameListener::drain() {
  Frames frames;
  pollfd readable{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  while (::poll(&readable, 1, 200) == 1) {
    std::array<std::byte, 4'096> buffer{};
    const ssize_t length = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (length < 14 || std::memcmp(&buffer[6], kSenderMac.bytes.data(), 6) != 0) continue;
    frames.emplace_back(buffer.begin(), buffer.begin() + length);
  }
  return frames;
}

void VethPairTest::make_pair(bool gro, unsigned queues) {
  const std::string count = fmt::format("numrxqueues {} numtxqueues {}", queues, queues);
  run("ip link add name near " + count + " type veth peer name far " + count);
  const auto here = NetNamespace::current();
  ASSERT_TRUE(here) << here.error().message();
  const Status offloads = set_offloads(*here, "far", {.gro = gro});
  ASSERT_TRUE(offloads) << offloads.error().message();
  for (const char* end : {"near", "far"}) {
    run(std::string("ip link set dev ") + end + " addrgenmode none arp off up");
  }
  for (const char* end : {"near", "far"}) {
    const Status ready = wait_until_ready(*here, end, 10 * kSecond);
    ASSERT_TRUE(ready) << ready.error().message();
  }
  config_.ifindex = static_cast<int>(::if_nametoindex("near"));
}

void VethPairTest::TearDown() {
  run("ip link del dev near");
}

Workload VethPairTest::first_light() {
  const GeneratorConfig config{
      .profile = find_profile("first-light").value(),
      .seed = 1,
      .slots = 1,
      .link = {.sender_mac = kSenderMac, .receiver_mac = {{2, 0, 0, 0, 0, 2}}, .receiver = {{10, 0, 0, 2}}},
      .tvu_port = 8000};
  return std::move(generate_unsigned(config)->workload);
}

::testing::AssertionResult is_all_of(const Frames& arrived, const Workload& workload) {
  const std::span<const TimedFrame> sent = workload.frames();
  if (arrived.size() != sent.size())
    return ::testing::AssertionFailure() << arrived.size() << " frames arrived, " << sent.size() << " sent";
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    if (!std::equal(arrived[i].begin(), arrived[i].end(), sent[i].bytes.begin(), sent[i].bytes.end())) {
      return ::testing::AssertionFailure() << "frame " << i << " differs: " << arrived[i].size()
                                           << " bytes arrived, " << sent[i].bytes.size() << " sent";
    }
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult is_all_of_stamped(const Frames& arrived, const Workload& workload,
                                             Nanoseconds since) {
  Workload expected({});
  for (std::size_t i = 0; i < workload.frames().size(); ++i) {
    const TimedFrame& sent = workload.frames()[i];
    expected.add_copy(sent.at, sent.kind, sent.bytes);
    if (i >= arrived.size() || sent.bytes.size() < kShortestStamped) continue;
    const Nanoseconds stamp = read_stamp(arrived[i]).value_or(0);
    if (stamp < since || stamp > MonotonicClock().now())
      return ::testing::AssertionFailure() << "frame " << i << " left at " << stamp << ", after " << since;
    write_stamp(expected.bytes_of(i), stamp);
    since = stamp;
  }
  return is_all_of(arrived, expected);
}

}  // namespace penstock::testing
