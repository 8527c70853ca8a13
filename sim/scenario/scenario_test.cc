// Reading scenario files: what is right, and every mistake with its place.
#include "sim/scenario/scenario.h"

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

TEST(ReadScenario, AMissingFileIsAnError) {
  EXPECT_FALSE(read_scenario("/nonexistent.toml"));
}

}  // namespace
}  // namespace penstock
