// Reading scenario files: what is right, and every mistake with its place.
#include "sim/scenario/scenario.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr const char* kGood = R"(name = "s"
description = "d"
[workload]
profile = "first-light"
seed = 9
slots = 3
port = 9000
[demand]
queues = 2
[paths]
run = ["userspace_filter"]
[expect]
engine_loss = 5
fec_sets = 75
)";

Result<Scenario> read(const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "s.toml";
  std::ofstream(file) << text;
  return read_scenario(file);
}

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kGood;
  return text.replace(text.find(from), from.size(), to);
}

// The part of the error behind "FILE:".
std::string error_of(const std::string& text) {
  const Result<Scenario> scenario = read(text);
  if (scenario) return "accepted";
  const std::string what = scenario.error().what;
  return what.substr(what.find("s.toml:") + 7);
}

TEST(ReadScenario, ReadsWhatTheFileSays) {
  const Result<Scenario> scenario = read(kGood);
  ASSERT_TRUE(scenario) << scenario.error().message();
  EXPECT_EQ(scenario->workload.seed, 9u);
  EXPECT_EQ(scenario->workload.slots, 3u);
  EXPECT_EQ(scenario->workload.port, 9000);
  EXPECT_EQ(scenario->demand.queues, 2u);
  EXPECT_EQ(scenario->paths, std::vector<Path>{Path::kUserspaceFilter});
  EXPECT_EQ(scenario->expect.engine_loss, 5u);
  EXPECT_EQ(scenario->expect.fec_sets, 75u);
  EXPECT_FALSE(scenario->expect.fec_sets_complete);
  EXPECT_TRUE(scenario->expect.same_meaning) << "the laws hold unless a file says otherwise";
  EXPECT_TRUE(scenario->expect.conservation);
  EXPECT_TRUE(scenario->expect.nothing_left);
}

TEST(ReadScenario, MeasuresLatencyWhereTheWorkloadCanCarryTheTime) {
  const std::string measured = std::string(kGood) + "[measure]\nlatency = true\ncpu_time = true\n";
  EXPECT_EQ(error_of(measured).substr(0, 60),
            "16:11: 'latency' needs judge = \"sequence\" in [workload]: the");
  std::string numbered = measured;
  numbered.insert(numbered.find("seed"), "shreds = \"unsigned\"\njudge = \"sequence\"\n");
  const Result<Scenario> scenario = read(numbered);
  ASSERT_TRUE(scenario) << scenario.error().message();
  EXPECT_TRUE(scenario->measure.latency && scenario->measure.cpu_time);
  EXPECT_FALSE(read(kGood)->measure.latency || read(kGood)->measure.cpu_time);
}

TEST(ReadScenario, NamesMistakesWithTheirPlace) {
  EXPECT_EQ(error_of(replaced("seed = 9", "sead = 9")),
            "5:1: unknown key 'sead' in [workload]; did you mean 'seed'?");
  EXPECT_EQ(error_of(replaced("\"first-light\"", "\"first-ligth\"")),
            "4:11: there is no profile 'first-ligth'; did you mean 'first-light'?");
  EXPECT_EQ(error_of(replaced("slots = 3", "slots = 0")), "6:9: 'slots' is 0, must be 1 to 1000000");
  EXPECT_EQ(error_of(replaced("port = 9000", "port = 65536")), "7:8: 'port' is 65536, must be 1 to 65535");
  EXPECT_EQ(error_of(replaced("run = [\"userspace_filter\"]", "run = []")), "11:7: 'run' names no path");
  EXPECT_NE(error_of(replaced("userspace_filter", "dpdk")).find("there is no receive path 'dpdk'"),
            std::string::npos);
  EXPECT_EQ(error_of(replaced("name = \"s\"\n", "")), "1:1: 'name' is missing");
}

TEST(ReadScenario, ReadsWhatTheReceiverIsAndWhatHappensToIt) {
  const Result<Scenario> scenario = read(replaced("[paths]", R"([receiver]
companion = "external"
scope = "udp"
attach = "generic"
port_map = "hash"
sockets = 1
rx_entries = 64
fill_frames = 128
max_payload = 1228
verify_udp_checksum = true
[[step]]
at_ms = 100
do = "stall_consumer"
[[step]]
at_ms = 150
do = "remove_port"
port = 9001
[paths])"));
  ASSERT_TRUE(scenario) << scenario.error().message();
  const ReceiverSpec& receiver = scenario->receiver;
  EXPECT_EQ(receiver.companion, Companion::kExternal);
  EXPECT_EQ(receiver.scope, TakeScope::kUdp);
  EXPECT_EQ(receiver.attach, AttachMode::kGeneric);
  EXPECT_EQ(receiver.port_map, PortMap::kHash);
  EXPECT_EQ(receiver.sockets, 1u);
  EXPECT_EQ(receiver.rx_entries, 64u);
  EXPECT_EQ(receiver.fill_frames, 128u);
  EXPECT_EQ(receiver.max_payload, 1228u);
  EXPECT_TRUE(receiver.verify_udp_checksum);
  ASSERT_EQ(scenario->steps.size(), 2u);
  EXPECT_EQ(scenario->steps[0].kind, StepKind::kStallConsumer);
  EXPECT_EQ(scenario->steps[1].at, 150 * kMillisecond);
  EXPECT_EQ(scenario->steps[1].port, 9001);
}

TEST(ReadScenario, ReadsTheWholeWorkload) {
  const Result<Scenario> scenario = read(replaced("[demand]", R"(more_ports = [9001, 9002]
repair_port = 9008
pps = 5000
sender = "live_frames"
hostile = ["all_shreds", "vlan"]
hostile_each = 3
[workload.impair]
loss_ppm = 10000
corruption = "wire"
reorder_by_us = [10, 200]
[[workload.stream]]
port = 9100
until_ms = 500
[demand])"));
  ASSERT_TRUE(scenario) << scenario.error().message();
  const WorkloadSpec& workload = scenario->workload;
  EXPECT_EQ(workload.listed_ports(), (std::vector<std::uint16_t>{9000, 9008, 9001, 9002}));
  EXPECT_EQ(workload.pps, 5'000u);
  EXPECT_EQ(workload.sender, SenderKind::kLiveFrames);
  EXPECT_EQ(std::count(workload.hostile.begin(), workload.hostile.end(), "vlan"), 1);
  EXPECT_EQ(std::count(workload.hostile.begin(), workload.hostile.end(), "repair_long"), 1)
      << "there is a repair port";
  EXPECT_EQ(std::count(workload.hostile.begin(), workload.hostile.end(), "qinq"), 0) << "not a shred";
  ASSERT_TRUE(workload.impair);
  EXPECT_EQ(workload.impair->loss_ppm, 10'000u);
  EXPECT_EQ(workload.impair->corruption, Corruption::kWire);
  EXPECT_EQ(workload.impair->reorder_by.high, 200 * kMicrosecond);
  ASSERT_EQ(workload.streams.size(), 1u);
  EXPECT_EQ(workload.streams[0].until, 500 * kMillisecond);
}

TEST(ReadScenario, NumbersNeedUnsignedShreds) {
  const Result<Scenario> rate =
      read(replaced("[demand]", "shreds = \"unsigned\"\njudge = \"sequence\"\n[demand]"));
  ASSERT_TRUE(rate) << rate.error().message();
  EXPECT_EQ(rate->workload.judge, JudgedBy::kSequence);
  EXPECT_NE(
      error_of(replaced("[demand]", "judge = \"sequence\"\n[demand]")).find("only with unsigned shreds"),
      std::string::npos);
}

TEST(ReadScenario, NamesMistakesOfMeaningToo) {
  EXPECT_EQ(error_of(replaced("[demand]", "hostile = [\"vlam\"]\n[demand]")),
            "8:11: there is no hostile ingredient 'vlam'; did you mean 'vlan'?");
  EXPECT_EQ(error_of(replaced("engine_loss = 5", "lost = [\"rx_droped\"]")),
            "13:8: 'lost' names 'rx_droped'; did you mean 'rx_dropped'?");
  EXPECT_EQ(error_of(replaced("engine_loss = 5", "engine_loss = 5\nlost = []")),
            "13:15: 'engine_loss' and 'lost' exclude each other");
  EXPECT_EQ(error_of(replaced("[paths]", "[receiver]\nrx_entries = 100\n[paths]")),
            "11:14: 'rx_entries' is 100, must be a power of two");
  EXPECT_EQ(error_of(replaced("[paths]", "[receiver]\nsockets = 3\n[paths]")),
            "10:1: 'sockets' is more than the queues of [demand]");
  EXPECT_EQ(error_of(replaced("[paths]", "[[step]]\nat_ms = 5\ndo = \"add_port\"\n[paths]")),
            "10:1: this step needs a 'port'");
  EXPECT_EQ(error_of(replaced("[paths]",
                              "[[step]]\nat_ms = 5\ndo = \"stall_engine\"\n"
                              "[[step]]\nat_ms = 6\ndo = \"stall_consumer\"\n[paths]")),
            "15:6: the engine is stalled: only resume_engine can follow");
  EXPECT_EQ(error_of(replaced("[paths]",
                              "[[step]]\nat_ms = 5\ndo = \"stall_consumer\"\n"
                              "[[step]]\nat_ms = 6\ndo = \"kill_engine\"\n[paths]")),
            "15:6: the consumer is stalled and keeps frames of this engine: resume_consumer first");
  EXPECT_EQ(error_of(replaced("[paths]", "[[step]]\nat_ms = 5\ndo = \"stall_engine\"\ndown_ms = 7\n[paths]")),
            "13:11: this step takes no 'down_ms'");
  EXPECT_EQ(error_of(replaced("[paths]", "[[step]]\nat_ms = 5\ndo = \"ad_port\"\nport = 7\n[paths]")),
            "12:6: 'do' is 'ad_port'; did you mean 'add_port'?");
}

TEST(ReadScenario, AMissingFileIsAnError) {
  EXPECT_FALSE(read_scenario("/nonexistent.toml"));
}

TEST(ReadScenario, AMatrixMakesACaseOfEachChoice) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "s.toml";
  std::string text = replaced("run = [\"userspace_filter\"]", "");
  text.replace(text.find("queues = 2"), 10, "");
  std::ofstream(file) << text << R"([[expected_failure]]
check = "a"
because = "b"
case = "queues=4"
[matrix]
paths.run = [["kernel_filter"], ["userspace_filter", "udp"]]
demand.queues = [1, 4]
)";
  const Result<std::vector<Scenario>> cases = read_scenarios(file);
  ASSERT_TRUE(cases) << cases.error().message();
  ASSERT_EQ(cases->size(), 4u);
  EXPECT_EQ((*cases)[0].name, "s[run=kernel_filter,queues=1]");
  EXPECT_EQ((*cases)[3].name, "s[run=userspace_filter+udp,queues=4]");
  EXPECT_EQ((*cases)[1].demand.queues, 4u);
  EXPECT_EQ((*cases)[2].paths, (std::vector<Path>{Path::kUserspaceFilter, Path::kUdp}));
  EXPECT_EQ((*cases)[2].demand.queues, 1u);
  EXPECT_EQ((*cases)[2].workload.seed, 9u) << "what is in no list is in every case";
  EXPECT_EQ((*cases)[0].expected_failures.size(), 0u);
  EXPECT_EQ((*cases)[1].expected_failures.size(), 1u);
  EXPECT_FALSE(read_scenario(file)) << "not one scenario";
}

TEST(ReadScenario, AMistakeInAMatrixHasItsPlace) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "s.toml";
  const auto said = [&](const std::string& matrix) {
    std::ofstream(file) << kGood << "[matrix]\n" << matrix;
    const Result<std::vector<Scenario>> cases = read_scenarios(file);
    const std::string what = cases ? "accepted" : cases.error().what;
    return what.substr(what.find("s.toml:") + 7);
  };
  EXPECT_EQ(said("demand.mtu = [1500, 9000]\n"), "16:21: 'mtu' is 9000, must be 576 to 3498");
  EXPECT_EQ(said("demand.queues = [1]\n"),
            "16:17: 'demand.queues' is in [matrix] and has a value of its own as well");
  EXPECT_EQ(said("expect.conflicts = [1]\ndemand.mtuu = [1500]\n"),
            "17:16: unknown key 'mtuu' in [demand]; did you mean 'mtu'?");
  std::string many = "demand.mtu = [";
  for (int i = 0; i < 65; ++i)
    many += std::to_string(1000 + i) + ", ";
  EXPECT_EQ(said(many + "]\n"), " [matrix] makes more than 64 cases");
}

}  // namespace
}  // namespace penstock
