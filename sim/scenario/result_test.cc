// result.json: every key always there, verdicts and exit statuses, and the table on top of it.
#include "sim/scenario/result.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/table.h"

namespace penstock {
namespace {

using Json = nlohmann::json;

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> keys;
  for (const auto& item : object.items())
    keys.insert(item.key());
  return keys;
}

PathResult some_path() {
  PathResult path;
  path.path = "kernel_filter";
  path.mode = "native copy";
  path.offered = 1234567;
  path.delivered = 1234000;
  path.passed = {{"port", 567}};
  path.payload_digest = "1234000:00";
  path.shreds = ShredCounts{.variants = {{"0x96", 1234000}}, .sets_complete = 3, .sets_incomplete = 1};
  return path;
}

RunResult some_result() {
  RunResult result;
  result.scenario = "s";
  result.topology = "veth";
  result.checks = {{"a", true, "fine"}, {"b", std::nullopt, "no tap"}};
  result.paths = {some_path()};
  return result;
}

TEST(ResultJson, HasEveryKeyAndNullForWhatWasNotMeasured) {
  const Json json = Json::parse(to_json(some_result()));
  EXPECT_EQ(keys_of(json),
            (std::set<std::string>{"scenario", "description", "topology", "seed", "commit", "started",
                                   "repeat", "environment", "verdict", "reason", "checks", "paths"}));
  const Json& path = json["paths"][0];
  EXPECT_EQ(keys_of(path),
            (std::set<std::string>{"path", "mode", "queues", "offered", "delivered", "slow_way", "passed",
                                   "lost", "payload_digest", "host_digest", "shreds", "seconds",
                                   "ns_per_packet", "ns_per_packet_deviation", "setup_ns", "cpu_wait_ns",
                                   "latency_ns", "stalls_ns", "not_measured"}));
  EXPECT_TRUE(path["host_digest"].is_null());
  EXPECT_TRUE(path["ns_per_packet"].is_null());
  EXPECT_TRUE(path["latency_ns"].is_null());
  EXPECT_TRUE(path["stalls_ns"].is_null());
  EXPECT_TRUE(path["not_measured"].is_object());
  EXPECT_TRUE(path["shreds"]["sets"]["recovered"].is_null());
  EXPECT_EQ(path["shreds"]["sets"]["complete"], 3);
  EXPECT_TRUE(path["lost"].is_object());
  EXPECT_TRUE(json["checks"][1]["pass"].is_null());
  EXPECT_EQ(json["checks"][0]["pass"], true);
}

TEST(Judge, FailsByTheFirstFailedCheckAndInvalidWins) {
  RunResult result = some_result();
  judge(result);
  EXPECT_EQ(result.verdict, RunVerdict::kPass) << "a check that was not made does not fail a run";
  result.checks.push_back({"c", false, "3 more"});
  result.checks.push_back({"d", false, "later"});
  judge(result);
  EXPECT_EQ(result.verdict, RunVerdict::kFail);
  EXPECT_EQ(result.reason, "c: 3 more");
  result.verdict = RunVerdict::kInvalid;
  result.reason = "sender";
  judge(result);
  EXPECT_EQ(result.verdict, RunVerdict::kInvalid);
  EXPECT_EQ(result.reason, "sender");
}

TEST(Loss, OfAFullRingIsNotThatOfOthers) {
  PathResult path = some_path();
  path.lost = {{"ring_drop", 1}, {"rx_ring_full", 20}, {"rx_dropped", 300}, {"tap_error", 4'000}};
  EXPECT_EQ(engine_loss(path), 4'320u);
  EXPECT_EQ(lost_by_full_ring(path), 320u);
}

TEST(ExitStatus, IsWhatTheManualSays) {
  EXPECT_EQ(exit_status(RunVerdict::kPass), 0);
  EXPECT_EQ(exit_status(RunVerdict::kFail), 1);
  EXPECT_EQ(exit_status(RunVerdict::kInvalid), 3);
  EXPECT_EQ(exit_status(RunVerdict::kSkip), 77);
}

TEST(WriteResult, MakesTheFolderAndSaysWhenItCannot) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "result_test" / "deep";
  ASSERT_TRUE(write_result(some_result(), folder));
  std::ifstream in(folder / "result.json");
  EXPECT_EQ(Json::parse(in)["scenario"], "s");
  EXPECT_FALSE(write_result(some_result(), folder / "result.json" / "x"));
  EXPECT_FALSE(write_result(some_result(), "/proc/nowhere"));
}

TEST(ResultTable, ShowsEveryNumberGroupedAndEveryCheckThatDidNotPass) {
  RunResult result = some_result();
  result.checks.push_back({"c", false, "3 more"});
  result.repeat = "runner run s.toml";
  judge(result);
  const std::string text = result_table(result);
  for (const char* line : {"1,234,567", "1,234,000", "    port", "567", "0x96", "4 (3 complete)",
                           "not measured", "1 of 3 checks passed", "FAILED: c: 3 more",
                           "not checked: b: no tap", "s over veth: FAIL", "repeat: runner run s.toml"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  }
}

TEST(ResultTable, SaysWhatLatencyWasAndWhyANumberIsNotThere) {
  RunResult result = some_result();
  result.paths.push_back(some_path());
  result.paths[0].ns_per_packet = 1234.5;
  result.paths[0].ns_per_packet_deviation = 67.8;
  result.paths[0].latency = LatencyDistribution{.p50 = 21'000, .p99 = 82'000, .p999 = 1'990'000};
  result.paths[0].stalls = LatencyDistribution{.max = 8'052'881};
  result.paths[0].cpu_wait = CpuWaitTimes{.longest = 412'000'001, .total = 500'000'002};
  result.paths[1].not_measured = {{"latency_ns", "virtual time"}, {"ns_per_packet", "run too short"}};
  const std::string text = result_table(result);
  for (const char* line :
       {"longest wait for CPU, ns", "412,000,001", "latency p50, ns", "21,000", "82,000", "1,990,000",
        "longest stall, ns", "8,052,881", "virtual time", "1234 +- 68", "run too short"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  }
}

TEST(ResultTable, OfAnInvalidRunSaysWhyWhateverFailed) {
  RunResult result = some_result();
  result.checks.push_back({"c", false, "3 more"});
  result.verdict = RunVerdict::kInvalid;
  result.reason = "others had the core";
  const std::string text = result_table(result);
  EXPECT_NE(text.find("s over veth: INVALID\n  others had the core\n"), std::string::npos) << text;
}

TEST(ResultTable, OfARunThatNeverStartedIsItsReason) {
  RunResult result;
  result.scenario = "s";
  result.topology = "veth";
  result.verdict = RunVerdict::kSkip;
  result.reason = "no privilege";
  EXPECT_EQ(result_table(result), "  0 of 0 checks passed\n  s over veth: SKIP\n  no privilege\n");
}

TEST(Environment, SaysWhereItRan) {
  const Environment environment = this_environment();
  EXPECT_EQ(environment.kernel.rfind("Linux ", 0), 0u);
  EXPECT_GT(environment.cpus, 0u);
}

}  // namespace
}  // namespace penstock
