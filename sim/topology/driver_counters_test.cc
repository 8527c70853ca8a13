// The table of drivers over lists of names as the drivers print them: recorded from a machine (veth,
// virtio_net of 6.18), else written from the sources that driver_counters.cc names. Every counter has a value
// of its own, so that a sum says which names are in it.
#include "sim/topology/driver_counters.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr std::uint64_t kRxPackets = 1'000'000;  // of the kernel's interface statistics
constexpr std::uint64_t kTxPackets = 2'000'000;

rtnl_link_stats64 link_statistics() {
  rtnl_link_stats64 link{};
  link.rx_packets = kRxPackets;
  link.tx_packets = kTxPackets;
  link.rx_dropped = 3'000'000;        // in no sum: the stack's drops are in it
  link.rx_missed_errors = 4'000'000;  // in no sum: not every driver fills it
  return link;
}

PortCounters count(std::string_view driver, const std::vector<DriverStatistic>& statistics) {
  PortCounters counters;
  add_driver_counters(driver, statistics, link_statistics(), counters);
  return counters;
}

TEST(DriverCounters, OfVethAreSumsOverQueues) {
  const PortCounters c = count("veth", {{"peer_ifindex", 7},
                                        {"rx_queue_0_xdp_packets", 1},
                                        {"rx_queue_0_xdp_bytes", 1'000},
                                        {"rx_queue_0_drops", 2},
                                        {"rx_queue_0_xdp_redirect", 3},
                                        {"rx_queue_0_xdp_drops", 4},
                                        {"rx_queue_0_xdp_tx", 5},
                                        {"rx_queue_0_xdp_tx_errors", 6},
                                        {"tx_queue_0_xdp_xmit", 7},
                                        {"tx_queue_0_xdp_xmit_errors", 8},
                                        {"rx_queue_11_xdp_packets", 100},
                                        {"rx_queue_11_xdp_redirect", 300},
                                        {"rx_pp_alloc_fast", 9'000}});
  EXPECT_EQ(c.xdp_packets, 101u);
  EXPECT_EQ(c.rx_drops, 2u);
  EXPECT_EQ(c.xdp_redirect, 303u);
  EXPECT_EQ(c.xdp_drops, 4u);
  EXPECT_EQ(c.xdp_tx, 5u);
  EXPECT_EQ(c.xdp_tx_errors, 6u);
  EXPECT_EQ(c.xdp_xmit, 7u);
  EXPECT_EQ(c.xdp_xmit_errors, 8u);
  EXPECT_EQ(c.sent, kTxPackets);
  EXPECT_EQ(c.nic_drop, 0u) << "a full ring is counted at the sender";
}

TEST(DriverCounters, OfVirtioNetByEitherSpelling) {
  const std::vector<DriverStatistic> since_6_10 = {
      {"rx_drops", 9'000},       {"rx_xdp_packets", 9'000}, {"rx_xdp_redirects", 9'000},
      {"tx_xdp_tx", 9'000},      {"rx0_drops", 1},          {"rx0_xdp_packets", 20},
      {"rx0_xdp_tx", 3},         {"rx0_xdp_redirects", 4},  {"rx0_xdp_drops", 5},
      {"rx0_kicks", 9'000},      {"rx1_xdp_packets", 200},  {"rx1_xdp_tx", 0},
      {"rx1_xdp_redirects", 40}, {"tx0_xdp_tx", 60},        {"tx0_xdp_tx_drops", 7}};
  const std::vector<DriverStatistic> before = {
      {"rx_queue_0_packets", 9'000},   {"rx_queue_0_xdp_packets", 20},  {"rx_queue_0_xdp_tx", 3},
      {"rx_queue_0_xdp_redirects", 4}, {"rx_queue_1_xdp_packets", 200}, {"rx_queue_1_xdp_redirects", 40},
      {"tx_queue_0_packets", 9'000},   {"tx_queue_0_xdp_tx", 60},       {"tx_queue_0_xdp_tx_drops", 7}};
  for (const auto* names : {&since_6_10, &before}) {
    const PortCounters c = count("virtio_net", *names);
    EXPECT_EQ(c.xdp_packets, 220u) << "the totals, where there are, not once more";
    EXPECT_EQ(c.xdp_redirect, 44u);
    EXPECT_EQ(c.xdp_xmit, 53u) << "tries less those that failed";
    EXPECT_EQ(c.xdp_xmit_errors, 7u);
    EXPECT_FALSE(c.nic_drop.known()) << "the host drops, and the guest has no counter of it";
  }
}

TEST(DriverCounters, OfMlx5CountTheStacksFramesApart) {
  const std::vector<DriverStatistic> names = {{"rx_packets", 1},
                                              {"tx_packets", 2},
                                              {"rx_xdp_drop", 10},
                                              {"rx_xdp_redirect", 100},
                                              {"rx_xdp_tx_xmit", 1'000},
                                              {"rx_xdp_tx_full", 3},
                                              {"rx_xdp_tx_err", 4},
                                              {"tx_xdp_xmit", 20},
                                              {"tx_xdp_full", 5},
                                              {"tx_xdp_err", 6},
                                              {"rx_xsk_packets", 10'000},
                                              {"rx_xsk_xdp_drop", 30},
                                              {"rx_xsk_xdp_redirect", 300},
                                              {"rx_out_of_buffer", 7},
                                              {"rx_discards_phy", 80},
                                              {"rx_packets_phy", 9'000},
                                              {"rx0_packets", 9'000},
                                              {"rx0_xdp_redirect", 9'000}};
  const PortCounters c = count("mlx5_core", names);
  EXPECT_EQ(c.xdp_packets, 1u + 10 + 100 + 1'000 + 10'000 + 30 + 300);
  EXPECT_EQ(c.xdp_redirect, 400u);
  EXPECT_EQ(c.xdp_drops, 40u);
  EXPECT_EQ(c.xdp_xmit, 20u);
  EXPECT_EQ(c.xdp_xmit_errors, 11u);
  EXPECT_EQ(c.sent, 22u);
  EXPECT_EQ(c.nic_drop, 87u);
}

TEST(DriverCounters, OfAVirtualFunctionOfMlx5LackThePort) {
  const PortCounters c = count("mlx5_core", {{"rx_out_of_buffer", 7}});
  ASSERT_FALSE(c.nic_drop.known());
  EXPECT_EQ(c.nic_drop.missing, "nic_drop of driver mlx5_core: there is no rx_discards_phy here");
}

struct Card {
  const char* driver;
  std::vector<DriverStatistic> names;
  Count nic_drop;
  Count sent;
};

std::ostream& operator<<(std::ostream& out, const Card& card) {
  return out << card.driver;
}

class CardsThatCountEveryFrameTaken : public ::testing::TestWithParam<Card> {};

TEST_P(CardsThatCountEveryFrameTaken, NameWhatFoundNoRoom) {
  const PortCounters c = count(GetParam().driver, GetParam().names);
  EXPECT_EQ(c.xdp_packets, kRxPackets);
  EXPECT_EQ(c.nic_drop, GetParam().nic_drop);
  EXPECT_EQ(c.sent.known(), GetParam().sent.known());
  EXPECT_FALSE(c.xdp_redirect.known());
  EXPECT_FALSE(c.xdp_xmit.known());
}

INSTANTIATE_TEST_SUITE_P(
    Drivers, CardsThatCountEveryFrameTaken,
    ::testing::Values(
        Card{"i40e",
             {{"rx_packets", 9}, {"rx_dropped", 1}, {"veb.rx_discards", 9}, {"port.rx_dropped", 20}},
             21,
             kTxPackets},
        Card{"ice", {{"rx_unicast", 9}, {"rx_dropped", 2}, {"rx_dropped.nic", 30}}, 32, Count::unknown("?")},
        Card{"ixgbe",
             {{"rx_packets", 9},
              {"rx_no_buffer_count", 9},
              {"rx_missed_errors", 3},
              {"rx_no_dma_resources", 40}},
             43,
             Count::unknown("?")},
        Card{"igb",
             {{"rx_missed_errors", 4},
              {"rx_no_buffer_count", 9},
              {"rx_queue_0_packets", 9},
              {"rx_queue_0_drops", 50},
              {"rx_queue_1_drops", 600}},
             654,
             Count::unknown("?")},
        Card{"bnxt_en", {{"[0]: rx_discards", 9}, {"rx_total_discard_pkts", 5}}, 5, Count::unknown("?")},
        Card{"bnxt_en", {{"[0]: rx_discards", 9}, {"rx_total_ring_discards", 6}}, 6, Count::unknown("?")}));

TEST(DriverCounters, OfEnaHaveNoDrops) {
  const PortCounters c = count("ena", {{"queue_0_tx_cnt", 9'000},
                                       {"queue_0_rx_cnt", 1},
                                       {"queue_1_rx_cnt", 20},
                                       {"queue_0_rx_xdp_aborted", 3},
                                       {"queue_0_rx_xdp_drop", 4},
                                       {"queue_0_rx_xdp_pass", 9'000},
                                       {"queue_0_rx_xdp_tx", 5},
                                       {"queue_0_rx_xdp_redirect", 6},
                                       {"queue_2_xdp_tx_cnt", 9'000}});
  EXPECT_EQ(c.xdp_packets, 21u);
  EXPECT_EQ(c.xdp_redirect, 6u);
  EXPECT_EQ(c.xdp_drops, 7u);
  EXPECT_EQ(c.xdp_tx, 5u);
  EXPECT_EQ(c.nic_drop.missing,
            "nic_drop of driver ena: no counter of frames that found its rings full is known");
}

TEST(DriverCounters, OfADriverWithoutARowAreUnknownByName) {
  const PortCounters c = count("e1000e", {{"rx_missed_errors", 4}, {"rx_queue_0_xdp_packets", 5}});
  for (const CountOfDriver& of : counts_of_drivers()) {
    EXPECT_FALSE((c.*of.field).known()) << of.name;
    EXPECT_EQ((c.*of.field).missing.find(std::string(of.name) + " of driver e1000e: "), 0u);
  }
}

TEST(DriverCounters, OfAKnownDriverThatLacksANameAreUnknownByThatName) {
  EXPECT_EQ(count("veth", {{"rx_queue_x_xdp_packets", 1}}).xdp_packets.missing,
            "xdp_packets of driver veth: there is no rx_queue_#_xdp_packets here");
}

TEST(DriverCounters, KeepWhatIsUnknownOutOfSums) {
  Count sum = 5;
  sum += Count::unknown("a");
  sum -= Count::unknown("b");
  sum += 3;
  EXPECT_EQ(sum, Count::unknown("a")) << "the first that is missing is named";
  EXPECT_FALSE(Count(0) == Count::unknown("a"));
}

TEST(DriverCounters, KnowTheDriversOfTheIssue) {
  const auto names = known_drivers();
  EXPECT_EQ(std::set<std::string_view>(names.begin(), names.end()),
            (std::set<std::string_view>{"veth", "virtio_net", "mlx5_core", "i40e", "ice", "ixgbe", "igb",
                                        "bnxt_en", "ena"}));
  EXPECT_EQ(settling_of("veth"), 0);
  EXPECT_GT(settling_of("mlx5_core"), 0) << "its counters come late";
  EXPECT_GT(settling_of("anything"), 0) << "and those of a stranger may";
}

}  // namespace
}  // namespace penstock
