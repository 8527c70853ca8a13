// The whole receiver on a veth in a namespace of its own: both ways in, and changes while it runs.
#include "engine/receive/af_xdp_receiver.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {
namespace {

class AfXdpReceiverTest : public ReceiverOnVeth, public ::testing::WithParamInterface<Filter> {
 protected:
  static std::unique_ptr<AfXdpReceiver> open(AfXdpConfig config = {}) {
    return open_with(config_of(GetParam(), std::move(config)));
  }

  // Waits as long as the watch wants quiet.
  static void refresh(AfXdpReceiver& receiver) {
    const MonotonicClock clock;
    const Nanoseconds deadline = clock.now() + 10 * kSecond;
    for (;;) {
      const Result<bool> changed = receiver.refresh_policy(clock.now());
      ASSERT_TRUE(changed) << changed.error().message();
      if (*changed) return;
      ASSERT_LT(clock.now(), deadline) << "the change was never seen";
    }
  }
};

TEST_P(AfXdpReceiverTest, NoPayloadArrivesTwice) {
  const auto receiver = open({.companion = Companion::kOwn});
  ASSERT_NE(receiver, nullptr);
  std::vector<std::uint64_t> fast, slow;
  for (int i = 0; i < 200; ++i) {
    fast.push_back(send());
    slow.push_back(send({.options = true}));
    if (i % 50 == 0) receive_all(*receiver);
  }
  receive_all(*receiver);
  // Behind the userspace filter the return tile gives them to the stack in its own time.
  EXPECT_TRUE(receive_until(*receiver, [&] { return times_.size() == fast.size() + slow.size(); }));
  for (const std::uint64_t tag : fast) {
    EXPECT_EQ(times_[tag], 1);
    EXPECT_EQ(way_[tag], WayIn::kAfXdp);
  }
  for (const std::uint64_t tag : slow) {
    EXPECT_EQ(times_[tag], 1);
    EXPECT_EQ(way_[tag], WayIn::kCompanion);
  }
  ASSERT_TRUE(receiver->refresh_counters());
  const CounterSnapshot c = receiver->snapshot();
  EXPECT_EQ(c.sum(Counter::kPublished), fast.size());
  EXPECT_EQ(c.get(Counter::kSlowWayRx), slow.size());
  EXPECT_EQ(c.sum(Counter::kSlowWayPublished), slow.size());
}

TEST_P(AfXdpReceiverTest, WhatComesOverLoopbackArrivesThroughTheCompanion) {
  const auto receiver = open({.companion = Companion::kOwn});
  ASSERT_NE(receiver, nullptr);
  const UniqueFd local(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kPort);
  to.sin_addr.s_addr = kAddress.network();  // this host's own: the kernel sends it over lo
  const std::uint64_t tag = ++tag_;
  ASSERT_EQ(::sendto(local.get(), &tag, sizeof(tag), 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to)),
            static_cast<ssize_t>(sizeof(tag)));
  receive_all(*receiver);
  EXPECT_EQ(times_[tag], 1);
  EXPECT_EQ(way_[tag], WayIn::kCompanion);
}

TEST_P(AfXdpReceiverTest, AFullFastPathDoesNotStarveTheCompanionNorTheOtherWayRound) {
  const auto receiver = open({.companion = Companion::kOwn});
  ASSERT_NE(receiver, nullptr);
  const UniqueFd local(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(kPort);
  to.sin_addr.s_addr = kAddress.network();
  int slow = 0, fast_turns = 0, turns = 0;
  // Both always have something; without a wait() only the regular look finds the companion's.
  while (slow < 300 && turns < 2000) {
    for (int i = 0; i < 3; ++i) {
      const std::uint64_t tag = ++tag_;
      ::sendto(local.get(), &tag, sizeof(tag), 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
      send();
    }
    ++turns;
    const std::span<const Frag> frags = receiver->poll();
    ASSERT_FALSE(frags.empty());
    if (frags.front().way == WayIn::kCompanion) {
      slow += static_cast<int>(frags.size());
      EXPECT_LE(frags.size(), CompanionSocket::kBatch);
    } else {
      ++fast_turns;
    }
    receiver->give_back(frags);
  }
  EXPECT_GE(slow, 300);
  EXPECT_GE(fast_turns, turns / 2) << "at least every other turn is the rings'";
}

TEST_P(AfXdpReceiverTest, PortsComeAndGoAndTheOthersLoseNothing) {
  // What arrives while this machine stands still for 100 ms passes the userspace filter, and goes the slow
  // way.
  bool stood_still = true;
  for (int attempt = 0; attempt < 5 && stood_still; ++attempt) {
    const auto receiver = open({.companion = Companion::kOwn});
    ASSERT_NE(receiver, nullptr);
    std::vector<std::uint64_t> unchanged, listed, not_listed;
    for (int round = 0; round < 20; ++round) {
      not_listed.push_back(send({.port = kOtherPort}));
      receive_all(*receiver);  // the userspace filter judges what it polls, by the list of then
      unchanged.push_back(send());
      ASSERT_TRUE(receiver->set_ports(std::vector<std::uint16_t>{kPort, kOtherPort}));
      unchanged.push_back(send());
      listed.push_back(send({.port = kOtherPort}));
      if (round % 2 == 0) receive_all(*receiver);
      listed.push_back(send({.port = kOtherPort}));
      // Still in the ring when its port is removed: delivered all the same.
      ASSERT_TRUE(receiver->set_ports(std::vector<std::uint16_t>{kPort}));
      unchanged.push_back(send());
      receive_all(*receiver);
      EXPECT_EQ(receiver->ports(), std::vector<std::uint16_t>{kPort});
    }
    ASSERT_TRUE(receiver->refresh_counters());
    const CounterSnapshot c = receiver->snapshot();
    stood_still = c.get(Counter::kXdpPass, PENSTOCK_ENGINE_STALLED) != 0;
    if (stood_still) continue;
    for (const std::uint64_t tag : unchanged)
      EXPECT_EQ(times_[tag], 1);
    for (const std::uint64_t tag : listed) {
      EXPECT_EQ(times_[tag], 1);
      EXPECT_EQ(port_index_[tag], 1) << "the same place each time";
    }
    for (const std::uint64_t tag : not_listed)
      EXPECT_EQ(times_.count(tag), 0u);
    EXPECT_EQ(c.get(Counter::kPublished, 0) + c.get(Counter::kSlowWayPublished, 0), unchanged.size());
    EXPECT_EQ(c.get(Counter::kPublished, 1), listed.size());
  }
  EXPECT_FALSE(stood_still) << "in every attempt";
}

TEST_P(AfXdpReceiverTest, ABadListOfPortsChangesNothing) {
  const auto receiver = open({.companion = Companion::kOwn});
  ASSERT_NE(receiver, nullptr);
  EXPECT_FALSE(receiver->set_ports({}));
  EXPECT_FALSE(receiver->set_ports(std::vector<std::uint16_t>{kPort, kPort}));
  EXPECT_FALSE(receiver->set_ports(std::vector<std::uint16_t>(kMaxPorts + 1, 1)));
  // A port that another program holds: the first of the two new ones is let go again.
  const UniqueFd holder(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(kOtherPort);
  ASSERT_EQ(::bind(holder.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  const Status refused = receiver->set_ports(std::vector<std::uint16_t>{kPort, 9001, kOtherPort});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EADDRINUSE);
  EXPECT_EQ(receiver->ports(), std::vector<std::uint16_t>{kPort});
  const std::uint64_t tag = send();
  receive_all(*receiver);
  EXPECT_EQ(times_[tag], 1);
  at.sin_port = htons(9001);
  const UniqueFd other(::socket(AF_INET, SOCK_DGRAM, 0));
  EXPECT_EQ(::bind(other.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0) << "let go";
}

TEST_P(AfXdpReceiverTest, FollowsTheHostsAddressesAndTheMac) {
  const auto receiver = open();  // no companion: what arrives came through the rings
  ASSERT_NE(receiver, nullptr);
  const Ipv4Address second{{192, 0, 2, 99}};
  const MacAddress new_mac{{2, 0, 0, 0, 0, 0x77}};
  const std::uint64_t too_early = send({.destination = second});
  receive_all(*receiver);
  run("ip address add 192.0.2.99/24 dev pen1");
  refresh(*receiver);
  const std::uint64_t in_time = send({.destination = second});
  receive_all(*receiver);
  run("ip address del 192.0.2.99/24 dev pen1");
  refresh(*receiver);
  const std::uint64_t too_late = send({.destination = second});
  receive_all(*receiver);
  EXPECT_EQ(times_.count(too_early), 0u);
  EXPECT_EQ(times_[in_time], 1);
  EXPECT_EQ(times_.count(too_late), 0u);

  run("ip link set pen1 address 02:00:00:00:00:77");
  refresh(*receiver);
  const std::uint64_t old_mac = send();
  const std::uint64_t with_new_mac = send({.mac = new_mac});
  receive_all(*receiver);
  EXPECT_EQ(times_.count(old_mac), 0u);
  EXPECT_EQ(times_[with_new_mac], 1);
}

TEST_P(AfXdpReceiverTest, FollowsTheFiftiethAddressAndIpv6AsWell) {
  const auto receiver = open({.classifier = {.ports = {kPort}, .ipv6 = true}});
  ASSERT_NE(receiver, nullptr);
  run("for i in $(seq 100 150); do echo address add 192.0.2.$i/24 dev pen1; done | ip -batch -");
  run("ip address add 2001:db8::2/64 dev pen1 nodad");
  while (receiver->policy().addresses.size() < 52 || receiver->policy().ipv6_addresses.empty())
    refresh(*receiver);
  const std::uint64_t in_hash = send({.destination = {{192, 0, 2, 150}}});
  const std::uint64_t nobodys = send({.destination = {{192, 0, 2, 151}}});
  const std::uint64_t ipv6 = ++tag_;
  std::array<std::byte, 64> payload{};
  std::memcpy(payload.data(), &ipv6, sizeof(ipv6));
  send_frame(FrameBuilder()
                 .add(EthernetHeader{.destination = kMac, .source = kFarMac})
                 .add(Ipv6Header{.source = Ipv6Address::parse("2001:db8::1")->bytes,
                                 .destination = Ipv6Address::parse("2001:db8::2")->bytes})
                 .add(UdpHeader{.source_port = 8006, .destination_port = kPort})
                 .payload(payload)
                 .build());
  receive_all(*receiver);
  EXPECT_EQ(times_[in_hash], 1);
  EXPECT_EQ(times_[ipv6], 1);
  EXPECT_EQ(times_.count(nobodys), 0u);
  run("ip address del 192.0.2.150/24 dev pen1");
  refresh(*receiver);
  const std::uint64_t too_late = send({.destination = {{192, 0, 2, 150}}});
  receive_all(*receiver);
  EXPECT_EQ(times_.count(too_late), 0u);
}

TEST_P(AfXdpReceiverTest, AQueueWithoutASocketPassesToTheCompanion) {
  run("ip link del pen0");
  make_veth("numrxqueues 2 numtxqueues 2");
  const auto receiver = open({.companion = Companion::kOwn});
  ASSERT_NE(receiver, nullptr);
  std::vector<std::uint64_t> sent;
  for (std::uint16_t i = 0; i < 100; ++i)
    sent.push_back(send({.source_port = static_cast<std::uint16_t>(20000 + i)}));  // spread by their hash
  ASSERT_TRUE(receive_until(*receiver, [&] { return times_.size() == sent.size(); }));
  for (const std::uint64_t tag : sent)
    EXPECT_EQ(times_[tag], 1);
  ASSERT_TRUE(receiver->refresh_counters());
  const CounterSnapshot c = receiver->snapshot();
  EXPECT_GT(c.get(Counter::kXdpRedirect), 0u);
  EXPECT_GT(c.get(Counter::kXdpPass, PENSTOCK_NO_SOCKET), 0u);
  EXPECT_EQ(c.get(Counter::kXdpPass, PENSTOCK_NO_SOCKET), c.get(Counter::kSlowWayRx));
}

TEST_P(AfXdpReceiverTest, AHeldPortStopsOpenAndLeavesNothingAttached) {
  const UniqueFd holder(::socket(AF_INET, SOCK_DGRAM, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(kPort);
  ASSERT_EQ(::bind(holder.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)), 0);
  AfXdpConfig config{.filter = GetParam(),
                     .interface = "pen1",
                     .classifier = {.ports = {kPort}},
                     .companion = Companion::kOwn};
  const auto receiver = AfXdpReceiver::open(config);
  ASSERT_FALSE(receiver);
  EXPECT_EQ(receiver.error().code, EADDRINUSE);
  run("! ip link show pen1 | grep -q xdp");
  config.companion = Companion::kExternal;
  const auto beside = AfXdpReceiver::open(config);
  ASSERT_TRUE(beside) << beside.error().message();
  EXPECT_TRUE((*beside)->companion().held_elsewhere(0));
}

INSTANTIATE_TEST_SUITE_P(Filters, AfXdpReceiverTest, ::testing::Values(Filter::kKernel, Filter::kUserspace),
                         [](const ::testing::TestParamInfo<Filter>& filter) {
                           return filter.param == Filter::kKernel ? "KernelFilter" : "UserspaceFilter";
                         });

}  // namespace
}  // namespace penstock
