// The bridge between two hosts as the kernel shows it: frames go through it, and nothing else does. Needs
// root.
#include "sim/topology/bridge.h"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "sim/topology/link.h"
#include "sim/topology/port_counters.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/testing/raw_sender.h"
#include "sim/topology/testing/value_of.h"

namespace penstock {
namespace {

using testing::value_of;

constexpr std::uint64_t kFrames = 100;

PortCounters at_rest(const NetNamespace& ns, const std::string& interface) {
  const PortCounterReader reader = value_of(PortCounterReader::open(ns, interface));
  return value_of(wait_for_quiesce([&] { return reader.read(); }, 10 * kSecond));
}

// Frames of an ethertype that no stack knows, from one MAC to another.
void send(const LinkedHosts::End& from, const MacAddress& to) {
  std::array<std::byte, 60> frame{};
  std::copy_n(reinterpret_cast<const std::byte*>(to.bytes.data()), 6, frame.begin());
  std::copy_n(reinterpret_cast<const std::byte*>(from.mac.bytes.data()), 6, frame.begin() + 6);
  frame[12] = std::byte{0x88};
  frame[13] = std::byte{0xb5};  // local experimental
  const auto sender = testing::RawSender::open(from.ns, from.index);
  for (std::uint64_t i = 0; i < kFrames; ++i)
    ASSERT_TRUE(sender->send(frame));
}

TEST(Bridge, CarriesFramesBothWaysAndFloodsWhatItDoesNotKnow) {
  LinkConfig config;
  config.queues = 3;
  config.mtu = 2000;
  const LinkedHosts hosts = value_of(make_bridged_hosts(config));
  ASSERT_TRUE(hosts.bridge());
  send(hosts.sender(), hosts.receiver().mac);
  send(hosts.sender(), MacAddress{{2, 0, 0, 0, 0, 0x77}});
  send(hosts.receiver(), hosts.sender().mac);
  const PortCounters receiver = at_rest(hosts.receiver().ns, hosts.receiver().interface);
  EXPECT_EQ(receiver.rx_packets, 2 * kFrames);
  EXPECT_EQ(receiver.tx_packets, kFrames);
  EXPECT_EQ(at_rest(hosts.sender().ns, hosts.sender().interface).rx_packets, kFrames);
  const PortCounters in = at_rest(hosts.bridge()->ns, hosts.bridge()->to_sender);
  EXPECT_EQ(in.rx_packets, 2 * kFrames);
  EXPECT_EQ(in.xdp_packets, 0u) << "not by NAPI, which would merge some of them";
}

TEST(Bridge, HasHostsLikeThoseOfALinkWithoutOne) {
  const LinkConfig config;
  const LinkedHosts hosts = value_of(make_bridged_hosts(config));
  for (const auto& [end, side] :
       {std::pair(&hosts.sender(), &config.sender), std::pair(&hosts.receiver(), &config.receiver)}) {
    const LinkReader reader = value_of(LinkReader::open(end->ns));
    const LinkState link = value_of(reader.read(end->interface));
    EXPECT_EQ(end->interface, side->interface);
    EXPECT_EQ(link.index, end->index);
    EXPECT_EQ(link.mac, side->mac);
    EXPECT_EQ(link.mtu, config.mtu);
    EXPECT_TRUE(link.ready);
    EXPECT_EQ(link.statistics.rx_packets, 0u) << "nobody speaks unasked";
  }
}

}  // namespace
}  // namespace penstock
