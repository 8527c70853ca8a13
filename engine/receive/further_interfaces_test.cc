// One receiver on two interfaces: the veth pair of the fixture, and another one beside it with two queues.
//
//   pen0 ==== pen1 (02:..:02)    the first tile's
//   pen2 ==== pen3 (02:..:03)    the second tile's
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "engine/receive/testing/net_tiles_on_veth.h"

namespace penstock {
namespace {

constexpr MacAddress kSecondMac{{2, 0, 0, 0, 0, 3}};

class FurtherInterfaceTest : public NetTilesOnVeth, public ::testing::WithParamInterface<Filter> {
 protected:
  void SetUp() override {
    make_veth("");
    run("ip link add pen2 numrxqueues 2 numtxqueues 2 type veth peer name pen3 address 02:00:00:00:00:03 "
        "numrxqueues 2 numtxqueues 2");
    run("sysctl -qw net.ipv4.conf.pen3.rp_filter=0");
    run("ip link set pen2 addrgenmode none up && ip link set pen3 addrgenmode none up");
    open_wire("pen2", second_wire_);
  }
  void TearDown() override {
    receiver_.reset();
    run("! ip link show pen2 > /dev/null 2>&1 || ip link del pen2");
    ReceiverOnVeth::TearDown();
  }

  void open() {
    receiver_ = open_with(config());
    ASSERT_NE(receiver_, nullptr);
    ASSERT_EQ(receiver_->net_tiles(), 2u);
  }
  static AfXdpConfig config() {
    return config_of(GetParam(), {.further = {{"pen3", 2}}, .companion = Companion::kOwn});
  }

  // 64 datagrams, of as many flows, into each of both wires; what the second one carried also to `second`.
  void send_on_both(std::uint16_t port, std::vector<std::uint64_t>& tags,
                    std::vector<std::uint64_t>& second) {
    for (std::uint16_t i = 0; i < 64; ++i) {
      Sent what{.port = port, .source_port = static_cast<std::uint16_t>(9000 + i)};
      tags.push_back(send(what));
      what.mac = second_mac_;
      std::swap(wire_, second_wire_);
      tags.push_back(send(what));
      std::swap(wire_, second_wire_);
      second.push_back(tags.back());
    }
  }

  UniqueFd second_wire_;
  MacAddress second_mac_ = kSecondMac;
};

TEST_P(FurtherInterfaceTest, BothAreReceivedAndAllIsCountedOnce) {
  open();
  std::vector<std::uint64_t> ours, of_second, others;
  for (int round = 0; round < 20; ++round) {
    send_on_both(kPort, ours, of_second);
    send_on_both(kOtherPort, others, others);
    ASSERT_TRUE(arrived(ours));
  }
  expect_once(ours, WayIn::kAfXdp);
  EXPECT_EQ(count(Counter::kPublished), ours.size());
  EXPECT_EQ(receiver_->tile(1).snapshot().sum(Counter::kPublished), of_second.size());
  const std::uint64_t not_ours = std::uint64_t{20} * 2 * 64;
  if (GetParam() == Filter::kUserspace) {
    EXPECT_TRUE(poll_until(true, [&] { return count(Counter::kReturnWritten) == not_ours; }));
    EXPECT_EQ(count(Counter::kXdpRedirect), ours.size() + not_ours) << "of both programs";
  } else {
    EXPECT_EQ(count(Counter::kXdpRedirect), ours.size()) << "of both programs";
    EXPECT_EQ(receiver_->snapshot().get(Counter::kXdpPass, PENSTOCK_PORT), not_ours);
  }
  EXPECT_EQ(count(Counter::kRxDropped) + count(Counter::kRxRingFull), 0u);
}

TEST_P(FurtherInterfaceTest, APortThatIsAddedIsReceivedOnBoth) {
  open();
  ASSERT_TRUE(receiver_->set_ports(std::vector<std::uint16_t>{kPort, kOtherPort}));
  poll_both(4);  // heeded, then in the kernel, then drained
  std::vector<std::uint64_t> added, of_second;
  send_on_both(kOtherPort, added, of_second);
  ASSERT_TRUE(arrived(added));
  expect_once(added, WayIn::kAfXdp);
}

// Its program and its part of the engine go by its own MAC.
TEST_P(FurtherInterfaceTest, AnotherMacOfTheSecondIsFollowed) {
  open();
  run("ip link set pen3 address 02:00:00:00:00:33");
  const MonotonicClock clock;
  ASSERT_TRUE(poll_until(true, [&] { return receiver_->refresh_policy(clock.now()).value_or(false); }));
  poll_both(4);
  second_mac_ = {{2, 0, 0, 0, 0, 0x33}};
  std::vector<std::uint64_t> tags, of_second;
  send_on_both(kPort, tags, of_second);
  ASSERT_TRUE(arrived(tags));
  expect_once(tags, WayIn::kAfXdp);
}

// The companion socket, which hears every interface, has what the dead-man's switch leaves to the host.
TEST_P(FurtherInterfaceTest, ATileThatHangsCostsOnlyItsOwnInterfaceTheFastPath) {
  if (GetParam() == Filter::kKernel) return;  // it has no such switch
  open();
  const MonotonicClock clock;
  const Nanoseconds hung_until = clock.now() + 300 * kMillisecond;
  ASSERT_TRUE(poll_until(false, [&] { return clock.now() > hung_until; }));
  std::vector<std::uint64_t> tags, of_second;
  send_on_both(kPort, tags, of_second);
  ASSERT_TRUE(arrived(tags, false));
  expect_once(of_second, WayIn::kCompanion);
  EXPECT_EQ(count(Counter::kPublished) + count(Counter::kSlowWayPublished), tags.size());
}

TEST_P(FurtherInterfaceTest, WhatKeepsItFromTheSecondKeepsItFromBoth) {
  AfXdpConfig config = this->config();
  config.further.front().name = "pen9";
  const auto missing = AfXdpReceiver::open(config);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message().find("find interface pen9"), std::string::npos);

  AfXdpConfig of_holder = config_of(Filter::kKernel);
  of_holder.interface = "pen3";
  const auto holder = open_with(of_holder);
  ASSERT_NE(holder, nullptr);
  const auto refused = AfXdpReceiver::open(this->config());
  EXPECT_FALSE(refused);
  EXPECT_TRUE(eventually("! ip link show pen1 | grep -q xdp"));
}

INSTANTIATE_TEST_SUITE_P(Filters, FurtherInterfaceTest,
                         ::testing::Values(Filter::kKernel, Filter::kUserspace), [](const auto& info) {
                           return info.param == Filter::kKernel ? "KernelFilter" : "UserspaceFilter";
                         });

}  // namespace
}  // namespace penstock
