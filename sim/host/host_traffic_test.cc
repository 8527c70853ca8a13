// All of a host's traffic at once over a plain veth pair, without an engine. Needs root.
#include "sim/host/host_traffic.h"

#include <gtest/gtest.h>

#include "sim/host/neighbours.h"
#include "sim/topology/testing/value_of.h"
#include "sim/topology/veth.h"

namespace penstock {
namespace {

constexpr HostTrafficConfig kEverything{.pings = 30,
                                        .download_bytes = 10'000'000,
                                        .upload_bytes = 5'000'000,
                                        .neighbours = true,
                                        .sockets = true};

TEST(HostTraffic, OfASoundHostIsAllWell) {
  const VethTopology topology = testing::value_of(VethTopology::create({}));
  ASSERT_TRUE(speak_ipv6(topology));
  ASSERT_TRUE(forget_neighbours(topology));
  const auto report = run_host_traffic(topology, kEverything);
  ASSERT_TRUE(report) << report.error().message();
  for (const PingResult* ping : {&report->ping_in, &report->ping_out}) {
    EXPECT_EQ(ping->sent, 30u);
    EXPECT_EQ(ping->received, 30u);
  }
  EXPECT_TRUE(report->download.right) << report->download.right.error().message();
  EXPECT_TRUE(report->upload.right) << report->upload.right.error().message();
  EXPECT_EQ(report->download.bytes, 10'000'000u);
  EXPECT_EQ(report->upload.bytes, 5'000'000u);
  EXPECT_TRUE(report->neighbours) << report->neighbours.error().message();
  EXPECT_TRUE(report->sockets) << report->sockets.error().message();
  EXPECT_GE(report->sender.tcp_sent, 10'000'000u / 1448);
  EXPECT_GE(report->receiver.tcp_sent, 5'000'000u / 1448);
  EXPECT_EQ(report->receiver.icmp_unreachable, 0u);
  EXPECT_GT(report->elapsed, 0);
}

TEST(HostTraffic, TellsWhatWentWrongInsteadOfFailing) {
  const VethTopology topology = testing::value_of(VethTopology::create({}));
  const HostTrafficConfig config{.pings = 2, .download_bytes = 1000, .sockets = true};

  // The receiver's host no longer answers pings.
  ASSERT_TRUE(topology.receiver().ns.set_sysctl("ipv4/icmp_echo_ignore_all", "1"));
  const auto report = run_host_traffic(topology, config);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->ping_in.lost(), 2u);
  EXPECT_EQ(report->ping_out.lost(), 0u);
  EXPECT_TRUE(report->download.right);
  EXPECT_TRUE(report->sockets);
}

TEST(HostTraffic, WithoutAnyThereIsNone) {
  EXPECT_FALSE(HostTrafficConfig{}.any());
  EXPECT_TRUE(HostTrafficConfig{.sockets = true}.any());
  const VethTopology topology = testing::value_of(VethTopology::create({}));
  const auto report = run_host_traffic(topology, {});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->segments(), 0u);
}

}  // namespace
}  // namespace penstock
