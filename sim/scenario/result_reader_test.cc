// Results read back: the same values, older and newer files, and the place of every mistake.
#include "sim/scenario/result_reader.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace penstock {
namespace {

using Json = nlohmann::json;

// Every field has a value of its own, so that two of them cannot be mixed up.
RunResult full_result() {
  RunResult run;
  run.scenario = "s";
  run.description = "What is asked?";
  run.topology = "veth";
  run.seed = 7;
  run.commit = "abc";
  run.started = "2026-11-28T00:00:00Z";
  run.repeat = "again";
  run.environment = {"Linux 6", "x86_64", "a CPU", 2, LabRecord{.name = "bench-1"}};
  run.environment.lab->ports = {{.role = "sender",
                                 .interface = "eth2",
                                 .driver = "ice",
                                 .bus = "0000:3b:00.0",
                                 .firmware = "4.2",
                                 .found = {{"rings", "rx=512"}},
                                 .set = {{"rings", "rx=4096"}}}};
  run.verdict = RunVerdict::kInvalid;
  run.reason = "late";
  run.checks = {{"a", true, "fine"}, {"b", false, "not"}, {"c", std::nullopt, "no tap"}};
  PathResult path;
  path.path = "kernel_filter";
  path.mode = "native copy";
  path.queues = 4;
  path.offered = 100;
  path.delivered = 90;
  path.slow_way = 1;
  path.passed = {{"port", 8}};
  path.lost = {{"ring_drop", 2}, {"oversize", 3}};
  path.payload_digest = "90:00";
  path.host_digest = "8:11";
  path.shreds = ShredCounts{.variants = {{"0x96", 90}},
                            .sets_complete = 11,
                            .sets_recovered = 12,
                            .sets_incomplete = 13,
                            .accepted = 14,
                            .duplicate = 15,
                            .late = 16,
                            .held = 17,
                            .discarded = {{"version", 18}},
                            .conflicts = 19,
                            .signature_checks = 20};
  path.seconds = 0.5;
  path.ns_per_packet = 512.25;
  path.ns_per_packet_deviation = 12.5;
  path.setup = SetupTimes{29, 30};
  path.cpu_wait = CpuWaitTimes{31, 32};
  path.latency = LatencyDistribution{
      .count = 21, .p50 = 22, .p90 = 23, .p99 = 24, .p999 = 25, .max = 26, .histogram = {{27, 20}, {28, 1}}};
  path.stalls = LatencyDistribution{.count = 29, .max = 30};
  PathResult bare;
  bare.path = "udp";
  bare.not_measured = {{"latency_ns", "not asked for"}};
  run.paths = {path, bare};
  return run;
}

TEST(ResultReader, GivesBackWhatWasWritten) {
  const std::string text = to_json(full_result());
  const Result<RunResult> read = parse_result(text, "r");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(to_json(*read), text);
  EXPECT_EQ(read->paths[0].shreds->sets_recovered, 12u);
  EXPECT_FALSE(read->paths[1].shreds);
}

TEST(ResultReader, TakesOlderAndNewerFiles) {
  Json json = Json::parse(to_json(full_result()));
  json.erase("description");
  json["paths"][0].erase("seconds");
  json["paths"][0]["latency_ns"] = {{"p50", 1}, {"p99", 2}, {"p999", 3}};
  json["of_tomorrow"] = 1;
  json["paths"][0]["of_tomorrow"] = {{"a", 1}};
  const Result<RunResult> read = parse_result(json.dump(), "r");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->description, "");
  EXPECT_EQ(read->paths[0].seconds, std::nullopt);
  EXPECT_EQ(read->paths[0].latency, (LatencyDistribution{.p50 = 1, .p99 = 2, .p999 = 3}));
}

// What is said of a result in which the value at `pointer` is another.
std::string said_of(const std::string& pointer, const Json& value) {
  Json json = Json::parse(to_json(full_result()));
  json[Json::json_pointer(pointer)] = value;
  const Result<RunResult> read = parse_result(json.dump(), "r.json");
  return read ? "read" : read.error().message();
}

TEST(ResultReader, NamesThePlaceOfAMistake) {
  EXPECT_EQ(said_of("/paths/1/offered", -1), "r.json: /paths/1/offered must be a count");
  EXPECT_EQ(said_of("/paths/0/lost/oversize", "3"), "r.json: /paths/0/lost/oversize must be a count");
  EXPECT_EQ(said_of("/paths/0/latency_ns", Json::object()), "r.json: /paths/0/latency_ns/p50 must be there");
  EXPECT_EQ(said_of("/paths/0/latency_ns/histogram", 1),
            "r.json: /paths/0/latency_ns/histogram must be a list");
  EXPECT_EQ(said_of("/paths/0/latency_ns/histogram/1", {1, -1}),
            "r.json: /paths/0/latency_ns/histogram/1 must be two counts");
  EXPECT_EQ(said_of("/paths/0/shreds/sets", 3), "r.json: /paths/0/shreds/sets must be an object");
  EXPECT_EQ(said_of("/verdict", "maybe"), "r.json: /verdict must be pass, fail, invalid or skip");
  EXPECT_EQ(said_of("/checks", 1), "r.json: /checks must be a list");
  EXPECT_EQ(said_of("/checks/1/pass", "yes"), "r.json: /checks/1/pass must be true, false or null");
  EXPECT_EQ(said_of("/environment/cpus", nullptr), "r.json: /environment/cpus must be a count");
}

TEST(ResultReader, NeedsEveryKeyOfTheFirstFormat) {
  const Json whole = Json::parse(to_json(full_result()));
  for (const auto& [key, unused] : whole.items()) {
    Json json = whole;
    json.erase(key);
    EXPECT_EQ(parse_result(json.dump(), "r").has_value(), key == "description") << key;
  }
  for (const auto& [key, unused] : whole["paths"][0].items()) {
    Json json = whole;
    json["paths"][0].erase(key);
    const bool came_later = key == "seconds" || key == "ns_per_packet_deviation" || key == "cpu_wait_ns" ||
                            key == "setup_ns" || key == "stalls_ns" || key == "not_measured";
    EXPECT_EQ(parse_result(json.dump(), "r").has_value(), came_later) << key;
  }
}

TEST(ResultReader, SaysWhatIsNoResult) {
  EXPECT_EQ(parse_result("{\"scenario\"", "r").error().message(), "r: not JSON, from byte 12 on");
  EXPECT_EQ(parse_result("[1]", "r").error().message(), "r: the file must be an object");
  EXPECT_FALSE(parse_result("", "r"));
  EXPECT_NE(read_result("/nowhere/result.json").error().message().find("ENOENT"), std::string::npos);
  EXPECT_FALSE(read_result("/"));
}

}  // namespace
}  // namespace penstock
