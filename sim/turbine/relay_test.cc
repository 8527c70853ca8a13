// Relays and a leader on addresses of `lo`, which needs no privilege.
#include "sim/turbine/relay.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/testing/signed_set.h"
#include "sim/turbine/turbine_leader.h"

namespace penstock {
namespace {

constexpr std::uint16_t kPort = 8003;

// 127.0.77.0 + n, where nobody else's test listens.
Ipv4Address address(unsigned n) {
  return Ipv4Address::from_host(0x7f004d00 + n);
}

UdpInput listener(std::size_t node) {
  Result<UdpInput> input = UdpInput::open({address(node + 1), kPort});
  EXPECT_TRUE(input) << input.error().message();
  return std::move(*input);
}

// Node 0 has all stake, so it is the root of every tree; nodes 1 and 2 listen.
class RelayTest : public ::testing::Test {
 protected:
  RelayTest() {
    cluster_ = {{"relay", address(1), 1}, {"a", address(2), 0}, {"b", address(3), 0}};
    for (std::size_t node : {1, 2})
      receivers_.push_back(listener(node));
  }

  Relay open(std::uint32_t loss_ppm = 0, Nanoseconds jitter = 0) {
    Result<Relay> relay =
        Relay::open({.cluster = cluster_, .port = kPort, .loss_ppm = loss_ppm, .jitter = jitter});
    EXPECT_TRUE(relay) << relay.error().message();
    return std::move(*relay);
  }

  void send(std::span<const std::byte> payload) {
    ASSERT_TRUE(sender_.send(payload, {address(1), kPort}));
    ASSERT_TRUE(sender_.flush());
  }
  // lo delivers before send() returns.
  static std::vector<std::vector<std::byte>> received(UdpInput& input) {
    std::vector<std::vector<std::byte>> all;
    for (;;) {
      const std::size_t taken = input.receive().value();
      if (taken == 0) return all;
      for (std::size_t i = 0; i < taken; ++i)
        all.emplace_back(input.payload(i).begin(), input.payload(i).end());
    }
  }

  Cluster cluster_;
  std::vector<UdpInput> receivers_;
  UdpOutput sender_ = std::move(UdpOutput::open({address(200), 8009}).value());
};

TEST_F(RelayTest, EveryChildGetsEveryShred) {
  Relay relay = open();
  const testing::SignedSet set = testing::make_signed_set({});
  for (const auto& shred : set.shreds)
    send(shred);
  std::size_t taken = 0;
  while (const std::size_t now = relay.step(0).value())
    taken += now;
  EXPECT_EQ(taken, 64u);
  for (UdpInput& receiver : receivers_) {
    const auto shreds = received(receiver);
    EXPECT_TRUE(std::equal(shreds.begin(), shreds.end(), set.shreds.begin(), set.shreds.end()));
  }
  const RelayCounts counts = relay.counts().value();
  EXPECT_EQ(counts.received, 64u);
  EXPECT_EQ(counts.sent, (std::vector<std::uint64_t>{0, 64, 64}));
  EXPECT_EQ(counts.resigned, 0u);
}

TEST_F(RelayTest, ResignedShredsGoOnWithTheRelaysSignature) {
  Relay relay = open();
  const testing::SignedSet set = testing::make_signed_set({.resigned = true});
  send(set.shreds[3]);
  ASSERT_EQ(relay.step(0).value(), 1u);
  const auto shreds = received(receivers_[0]);
  ASSERT_EQ(shreds.size(), 1u);
  EXPECT_NE(shreds[0], set.shreds[3]);
  EXPECT_TRUE(std::equal(shreds[0].begin(), shreds[0].end() - 64, set.shreds[3].begin()));
  EXPECT_EQ(relay.counts()->resigned, 1u);
}

TEST_F(RelayTest, WhatIsNoShredGoesNowhere) {
  Relay relay = open();
  const std::vector<std::byte> junk(700, std::byte{0x11});
  send(junk);
  send({});
  ASSERT_EQ(relay.step(0).value(), 2u);
  EXPECT_TRUE(received(receivers_[0]).empty());
  EXPECT_EQ(relay.counts()->not_shreds, 2u);
}

TEST_F(RelayTest, LossIsDrawnByShredAndNotByOrder) {
  const testing::SignedSet set = testing::make_signed_set({});
  std::vector<std::vector<std::vector<std::byte>>> runs;
  for (const bool backwards : {false, true}) {
    Relay relay = open(500'000);
    for (std::size_t i = 0; i < 64; ++i)
      send(set.shreds[backwards ? 63 - i : i]);
    while (relay.step(0).value() > 0) {
    }
    const RelayCounts counts = relay.counts().value();
    auto shreds = received(receivers_[0]);
    EXPECT_EQ(shreds.size(), counts.sent[1]);
    EXPECT_EQ(counts.sent[1] + counts.lost[1], 64u);
    EXPECT_GT(counts.lost[1], 10u);
    EXPECT_GT(counts.sent[1], 10u);
    std::sort(shreds.begin(), shreds.end());
    runs.push_back(std::move(shreds));
  }
  EXPECT_EQ(runs[0], runs[1]);
}

TEST_F(RelayTest, JitterPutsShredsIntoAnotherOrder) {
  Relay relay = open(0, 1000);
  const testing::SignedSet set = testing::make_signed_set({});
  EXPECT_FALSE(relay.next_due());
  for (const auto& shred : set.shreds)
    send(shred);
  ASSERT_EQ(relay.step(5'000).value(), 64u);
  auto shreds = received(receivers_[0]);
  EXPECT_LE(shreds.size(), 2u) << "those that drew 0";
  ASSERT_TRUE(relay.next_due());
  EXPECT_GT(*relay.next_due(), 5'000);
  for (const Nanoseconds now : {5'500, 6'000}) {
    ASSERT_TRUE(relay.step(now));
    for (auto& shred : received(receivers_[0]))
      shreds.push_back(std::move(shred));
    if (now == 5'500) {
      EXPECT_GT(shreds.size(), 15u);
      EXPECT_LT(shreds.size(), 49u);
    }
  }
  EXPECT_FALSE(relay.next_due());
  EXPECT_FALSE(std::equal(shreds.begin(), shreds.end(), set.shreds.begin(), set.shreds.end()));
  EXPECT_TRUE(std::is_permutation(shreds.begin(), shreds.end(), set.shreds.begin(), set.shreds.end()));
  EXPECT_EQ(relay.counts()->sent, (std::vector<std::uint64_t>{0, 64, 64}));
}

TEST_F(RelayTest, AnAddressOfAnotherHostIsAnError) {
  cluster_[0].address = Ipv4Address::from_host(0xc6120001);
  const auto relay = Relay::open({.cluster = cluster_, .port = kPort});
  ASSERT_FALSE(relay);
  EXPECT_NE(relay.error().message().find("198.18.0.1:8003"), std::string::npos);
}

// Three relays of unequal stake and two that listen: each host gets each shred of the slot once.
TEST(TurbineCluster, ASlotReachesEveryHost) {
  Cluster cluster;
  for (unsigned i = 0; i < 5; ++i)
    cluster.push_back({"n" + std::to_string(i), address(101 + i), i < 3 ? 100 + 200 * i : 0});
  const PublicKey leader = public_key_of(leader_keys(1));
  std::vector<Relay> relays;
  for (std::size_t i = 0; i < 3; ++i)
    relays.push_back(std::move(Relay::open({.cluster = cluster, .self = i, .leader = leader}).value()));
  std::vector<UdpInput> listeners;
  for (std::size_t i = 3; i < 5; ++i)
    listeners.push_back(std::move(UdpInput::open({cluster[i].address, kPort}).value()));

  const auto report = lead(
      {.cluster = cluster, .from = {address(201), 8009}, .slots = 2, .sets_per_slot = 2, .pps = 1'000'000});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->shreds, 256u);
  for (bool busy = true; busy;) {
    busy = false;
    for (Relay& relay : relays)
      busy = relay.step(0).value() > 0 || busy;
  }
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(relays[i].counts()->received, 256u);
  for (UdpInput& input : listeners) {
    ContentDigest content;
    while (const std::size_t taken = input.receive().value()) {
      for (std::size_t i = 0; i < taken; ++i)
        content.add(input.payload(i));
    }
    EXPECT_TRUE(content == report->content) << content.shreds();
  }
}

TEST(TurbineLeader, SetsKeepTheirDistance) {
  const Cluster cluster = {{"n", address(150), 1}};
  const auto report = lead({.cluster = cluster,
                            .from = {address(202), 8009},
                            .slots = 1,
                            .sets_per_slot = 6,
                            .pps = 6'400});  // 10 ms a set
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_GE(report->elapsed, 5 * 10 * kMillisecond);
  EXPECT_EQ(report->sets, 6u);
  EXPECT_EQ(report->sent, (std::vector<std::uint64_t>{384}));
}

}  // namespace
}  // namespace penstock
