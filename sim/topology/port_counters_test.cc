// The counters of a veth pair move as the driver is said to move them. Needs root.
#include "sim/topology/port_counters.h"

#include <errno.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "sim/topology/driver_statistics.h"
#include "sim/topology/host_counters.h"
#include "sim/topology/quiesce.h"
#include "sim/topology/testing/raw_sender.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

constexpr int kFrames = 100;

struct Snapshot {
  PortCounters sender;
  PortCounters receiver;
  HostCounters host;
  bool operator==(const Snapshot&) const = default;
};

class PortCountersTest : public ::testing::Test {
 protected:
  static VethTopology make(const VethConfig& config) {
    auto topology = VethTopology::create(config);
    if (!topology) throw std::runtime_error(topology.error().message());
    return std::move(*topology);
  }

  static Snapshot read(const VethTopology& topology) {
    const auto once = [&topology]() -> Result<Snapshot> {
      return Snapshot{*PortCounterReader::open(topology.sender().ns, topology.sender().interface)->read(),
                      *PortCounterReader::open(topology.receiver().ns, topology.receiver().interface)->read(),
                      *read_host_counters(topology.receiver().ns)};
    };
    return *wait_for_quiesce(once, 10 * kSecond);
  }

  // kFrames frames of an ethertype that no stack knows, to the receiver.
  static void send(const VethTopology& topology) {
    std::array<std::byte, 60> frame{};
    std::copy_n(reinterpret_cast<const std::byte*>(topology.receiver().mac.bytes.data()), 6, frame.begin());
    std::copy_n(reinterpret_cast<const std::byte*>(topology.sender().mac.bytes.data()), 6, frame.begin() + 6);
    frame[12] = std::byte{0x88};
    frame[13] = std::byte{0xb5};  // local experimental
    const auto sender = testing::RawSender::open(topology.sender().ns, topology.sender().index);
    for (int i = 0; i < kFrames; ++i) {
      ASSERT_TRUE(sender->send(frame));
    }
  }
};

TEST_F(PortCountersTest, AreAllZeroOnAFreshTopology) {
  const VethTopology topology = make({});
  const Snapshot fresh = read(topology);
  EXPECT_EQ(fresh.sender, PortCounters{});
  EXPECT_EQ(fresh.receiver, PortCounters{});
  EXPECT_EQ(fresh.host, HostCounters{});
}

TEST_F(PortCountersTest, WithoutNapiCountPacketsOnly) {
  const VethTopology topology = make({});
  send(topology);
  const Snapshot after = read(topology);
  EXPECT_EQ(after.sender, (PortCounters{.tx_packets = kFrames, .sent = kFrames}));
  // Nobody speaks that ethertype: the stack counts it as dropped on top of having received it.
  EXPECT_EQ(after.receiver.rx_packets, static_cast<std::uint64_t>(kFrames));
  EXPECT_EQ(after.receiver.xdp_packets, 0u);
  EXPECT_EQ(after.receiver.tx_packets, 0u);
}

TEST_F(PortCountersTest, WithNapiCountWhatNapiTookOnEveryQueue) {
  VethConfig config;
  config.queues = 4;
  config.receiver.offloads.gro = true;
  const VethTopology topology = make(config);
  send(topology);
  const Snapshot after = read(topology);
  EXPECT_EQ(after.sender.tx_packets, static_cast<std::uint64_t>(kFrames));
  EXPECT_EQ(after.receiver.rx_packets, static_cast<std::uint64_t>(kFrames));
  EXPECT_EQ(after.receiver.xdp_packets, static_cast<std::uint64_t>(kFrames));
}

TEST_F(PortCountersTest, DeltaLeavesWhatWasThereBefore) {
  const VethTopology topology = make({});
  send(topology);
  const PortCounters before = read(topology).sender;
  send(topology);
  send(topology);
  EXPECT_EQ(read(topology).sender.since(before),
            (PortCounters{.tx_packets = 2 * kFrames, .sent = 2 * kFrames}));
}

TEST_F(PortCountersTest, OfAnInterfaceWithoutADriversCountersAreUnknown) {
  const auto ns = NetNamespace::create();
  const auto counters = PortCounterReader::open(*ns, "lo")->read();
  ASSERT_TRUE(counters) << counters.error().message();
  EXPECT_EQ(counters->tx_packets, 0u) << "the kernel's own are there";
  EXPECT_FALSE(counters->xdp_packets.known());
  EXPECT_FALSE(counters->nic_drop.known());
  const auto missing = PortCounterReader::open(*ns, "nothing")->read();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ENODEV) << missing.error().message();
}

TEST(DriverStatistics, HaveTheNamesThatEthtoolShows) {
  VethConfig config;
  config.queues = 2;
  const auto topology = VethTopology::create(config);
  ASSERT_TRUE(topology) << topology.error().message();
  const auto statistics =
      read_driver_statistics(*Ethtool::open(topology->receiver().ns, topology->receiver().interface));
  ASSERT_TRUE(statistics) << statistics.error().message();
  std::map<std::string, std::uint64_t> by_name;
  for (const DriverStatistic& statistic : *statistics) {
    by_name[statistic.name] = statistic.value;
  }
  EXPECT_EQ(by_name.size(), statistics->size());
  EXPECT_EQ(by_name.at("peer_ifindex"), topology->sender().index);
  EXPECT_EQ(by_name.at("rx_queue_1_xdp_packets"), 0u);
  EXPECT_EQ(by_name.at("tx_queue_1_xdp_xmit_errors"), 0u);
}

}  // namespace
}  // namespace penstock
