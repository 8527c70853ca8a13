// A veth pair in the test's own namespace, frames sent into the one end, and a receiver on the other.
//
//   AF_PACKET -> pen0 (02:..:01, no address) ==== pen1 (02:..:02, 192.0.2.2/24) -> XDP, the host's stack
//
// The address on the far side that frames say they come from, 192.0.2.1, is a static neighbour on pen1, so
// that the stack's answers come out of pen0.
//
// Needs root and a namespace of its own (netns_cc_test). Thread safety: none.
#pragma once

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/wait.h"
#include "engine/packet/frame_builder.h"
#include "engine/receive/af_xdp_receiver.h"

namespace penstock {

inline void run(const std::string& command) {
  ASSERT_EQ(::system(command.c_str()), 0) << command;
}

// The kernel frees devices and programs some milliseconds after their last user.
inline bool eventually(const std::string& command) {
  return wait_until([&] { return ::system(command.c_str()) == 0; }, 5 * kSecond, 10 * kMillisecond);
}

class ReceiverOnVeth : public ::testing::Test {
 protected:
  static constexpr std::uint16_t kPort = 8003;
  static constexpr std::uint16_t kOtherPort = 8007;
  static constexpr MacAddress kMac{{2, 0, 0, 0, 0, 2}};
  static constexpr MacAddress kFarMac{{2, 0, 0, 0, 0, 1}};
  static constexpr Ipv4Address kAddress{{192, 0, 2, 2}};
  static constexpr Ipv4Address kFarAddress{{192, 0, 2, 1}};

  struct Sent {
    std::uint16_t port = kPort;
    bool options = false;  // IPv4 options: left to the kernel
    bool bad_ip_checksum = false;
    Ipv4Address destination = kAddress;
    MacAddress mac = kMac;
    std::uint16_t source_port = 8006;
  };

  void SetUp() override { make_veth(""); }
  // `queues`: words of `ip link add` for both ends.
  void make_veth(const std::string& queues) {
    run("ip link add pen0 address 02:00:00:00:00:01 " + queues +
        " type veth peer name pen1 address 02:00:00:00:00:02 " + queues);
    run("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.pen1.rp_filter=0");
    run("ip link set pen0 addrgenmode none up && ip link set pen1 addrgenmode none up");
    run("ip address add 192.0.2.2/24 dev pen1");
    run("ip neighbour add 192.0.2.1 lladdr 02:00:00:00:00:01 dev pen1");
    open_wire("pen0", wire_);
  }
  // A socket that sends frames out of `interface`.
  static void open_wire(const std::string& interface, UniqueFd& wire) {
    wire = UniqueFd(::socket(AF_PACKET, SOCK_RAW, 0));
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    ASSERT_EQ(::bind(wire.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    // veth drops frames, uncounted, until the kernel has worked off the carrier event.
    run("for i in $(seq 500); do ip link show " + interface +
        " | grep -q 'noqueue.*state UP' && exit 0; sleep 0.01; done; exit 1");
  }
  void TearDown() override { run("! ip link show pen0 > /dev/null 2>&1 || ip link del pen0"); }

  static AfXdpConfig config_of(Filter filter, AfXdpConfig config = {}) {
    config.filter = filter;
    config.interface = "pen1";
    if (config.classifier.ports.empty()) config.classifier.ports = {kPort};
    config.host_policy = HostPolicy::kFollowed;
    config.rx_entries = 256;
    return config;
  }

  static std::unique_ptr<AfXdpReceiver> open_with(const AfXdpConfig& config) {
    auto receiver = AfXdpReceiver::open(config);
    EXPECT_TRUE(receiver) << receiver.error().message();
    return receiver ? std::move(*receiver) : nullptr;
  }

  // veth delivers within the call.
  void send_frame(const std::vector<std::byte>& frame) const {
    EXPECT_EQ(::send(wire_.get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
  }

  // A datagram whose payload begins with `tag`.
  static std::vector<std::byte> datagram(std::uint64_t tag, const Sent& what) {
    std::array<std::byte, 100> payload{};
    std::memcpy(payload.data(), &tag, sizeof(tag));
    return datagram_of(payload, what);
  }
  static std::vector<std::byte> datagram_of(std::span<const std::byte> payload, const Sent& what) {
    Ipv4Header ip{.source = kFarAddress, .destination = what.destination};
    if (what.options) ip.options.assign(4, std::byte{1});
    if (what.bad_ip_checksum) ip.checksum = ChecksumMode::kBad;
    return FrameBuilder()
        .add(EthernetHeader{.destination = what.mac, .source = kFarMac})
        .add(ip)
        .add(UdpHeader{.source_port = what.source_port, .destination_port = what.port})
        .payload(payload)
        .build();
  }

  // Sends one datagram with a tag of its own and returns the tag.
  std::uint64_t send() { return send(Sent()); }
  std::uint64_t send(const Sent& what) {
    const std::uint64_t tag = ++tag_;
    send_frame(datagram(tag, what));
    return tag;
  }

  // One poll(); notes what came by its tag, and the way. Returns whether there was something.
  bool receive_batch(Receiver& receiver) {
    const std::span<const Frag> frags = receiver.poll();
    for (const Frag& frag : frags) {
      std::uint64_t tag = 0;
      std::memcpy(&tag, receiver.payload(frag).data(), sizeof(tag));
      ++times_[tag];
      way_[tag] = frag.way;
      port_index_[tag] = frag.port_index;
    }
    receiver.give_back(frags);
    return !frags.empty();
  }

  // Polls until nothing comes any more.
  void receive_all(Receiver& receiver) {
    for (int quiet = 0; quiet < 3;) {
      if (receive_batch(receiver)) continue;
      ++quiet;
      ASSERT_TRUE(receiver.wait(5 * kMillisecond));
    }
  }

  // Goes on polling, as the dead-man's switch wants, until the condition holds; false after 10 s.
  template <typename Condition>
  bool receive_until(Receiver& receiver, Condition&& condition) {
    const MonotonicClock clock;
    const Nanoseconds deadline = clock.now() + 10 * kSecond;
    while (!condition()) {
      if (clock.now() > deadline) return false;
      if (!receive_batch(receiver)) {
        EXPECT_TRUE(receiver.wait(kMillisecond));
      }
    }
    return true;
  }

  UniqueFd wire_;
  std::uint64_t tag_ = 0;
  std::map<std::uint64_t, int> times_;
  std::map<std::uint64_t, WayIn> way_;
  std::map<std::uint64_t, int> port_index_;
};

}  // namespace penstock
