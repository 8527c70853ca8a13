// What stands in counters.json, and under which names.
#include "sim/scenario/turn_counters.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/result.h"

namespace penstock {
namespace {

TEST(TurnCounters, OfTheEngineAreThoseThatCounted) {
  Counters counters;
  counters.add(Counter::kRxDescriptors, 7);
  counters.add(DiscardReason::kOversize, 2);
  EXPECT_EQ(table_of(counters.snapshot()), (CounterTable{{"rx_descriptors", 7}, {"discarded{oversize}", 2}}));
}

TEST(TurnCounters, OfADeviceAreThoseThatItHas) {
  PortCounters device;
  device.rx_packets = 5;
  device.xdp_xmit = 3;
  device.nic_drop = Count::unknown("rx_missed_errors");
  const CounterTable table = table_of(device);
  EXPECT_EQ(table.at("rx_packets"), 5u);
  EXPECT_EQ(table.at("xdp_xmit"), 3u);
  EXPECT_EQ(table.at("tx_dropped"), 0u) << "a 0 that was counted is said";
  EXPECT_FALSE(table.contains("nic_drop"));
}

TEST(WriteCounters, HasBothSidesOfEachTable) {
  RunResult result;
  result.paths.resize(2);
  result.paths[0].path = "udp";
  result.paths[0].counters = {
      {"stack", {.before = {{"Udp:InDatagrams", 1}}, .after = {{"Udp:InDatagrams", 9}}}}};
  result.paths[1].path = "kernel_filter";
  const std::filesystem::path folder = ::testing::TempDir();
  ASSERT_TRUE(write_counters(result, folder));
  std::ifstream in(folder / "counters.json");
  EXPECT_EQ(
      nlohmann::json::parse(in),
      nlohmann::json::parse(
          R"({"udp": {"stack": {"before": {"Udp:InDatagrams": 1}, "after": {"Udp:InDatagrams": 9}}}})"));
  EXPECT_FALSE(write_counters(result, folder / "nowhere"));
}

}  // namespace
}  // namespace penstock
