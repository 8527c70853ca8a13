// Whole runs over the simulated ring: what is delivered, where losses are counted, what is refused by name.
#include "sim/scenario/ring_path.h"

#include <string>

#include <gtest/gtest.h>

#include "sim/scenario/laws.h"
#include "sim/scenario/ring_run.h"
#include "sim/workload/ledger.h"
#include "sim/workload/recipe.h"

namespace penstock {
namespace {

constexpr std::uint16_t kPort = 8003;

Workload make(const std::vector<std::string>& hostile = {}) {
  Result<PreparedWorkload> prepared = prepare_workload({.profile = "first-light",
                                                        .seed = 7,
                                                        .slots = 1,
                                                        .link = path_link(),
                                                        .tvu_port = kPort,
                                                        .content = ShredContent::kUnsigned,
                                                        .hostile = hostile});
  EXPECT_TRUE(prepared) << prepared.error().message();
  return std::move(prepared->workload);
}

PathRunConfig config_of(Path path, const ReceiverSpec& receiver = {}, std::uint32_t queues = 1) {
  return {.turn = {.path = path,
                   .ports = {kPort},
                   .demand = {.queues = queues},
                   .receiver = receiver,
                   .shreds = {.checks = ShredChecks::kCheap}}};
}

PathRun run(const PathRunConfig& config, const Workload& workload) {
  Result<PathRun> run = run_ring_path(config, workload);
  EXPECT_TRUE(run) << run.error().message();
  return std::move(run.value());
}

void expect_all_pass(const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    // No host's stack is there that could answer.
    const bool not_checked = check.name.ends_with(".port_unreachable");
    EXPECT_EQ(check.pass, not_checked ? std::nullopt : std::optional(true))
        << check.name << ": " << check.detail;
  }
}

TEST(RingPath, EitherFilterDeliversTheLedgerAndTheHostGetsTheRest) {
  const Workload workload = make();
  Ledger ledger(oracle_of(workload));
  ledger.add(workload);
  for (const Path path : {Path::kKernelFilter, Path::kUserspaceFilter}) {
    for (const std::uint32_t queues : {1u, 3u}) {
      const PathRun done = run(config_of(path, {}, queues), workload);
      EXPECT_EQ(done.result.lost.size(), 0u);
      EXPECT_EQ(done.result.queues, queues);
      expect_all_pass(check_same_meaning(done, ledger));
      expect_all_pass(check_conservation(done));
    }
  }
}

TEST(RingPath, TheSameRunTwiceIsTheSame) {
  const Workload workload = make();
  const PathRunConfig config = config_of(Path::kUserspaceFilter, {}, 2);
  const PathRun first = run(config, workload), second = run(config, workload);
  EXPECT_EQ(first.counters, second.counters);
  EXPECT_EQ(first.delivered, second.delivered);
  EXPECT_EQ(first.witnessed.host, second.witnessed.host);
}

TEST(RingPath, SmallRingsLoseUnderTheirNamesAndEveryAccountCloses) {
  const Workload workload = make();
  PathRunConfig config = config_of(Path::kKernelFilter, {.rx_entries = 4});
  config.pace = Pace::kFixedRate;
  config.pps = 2'000'000;
  const PathRun full = run(config, workload);
  EXPECT_GT(full.result.lost.at("rx_ring_full"), 0u);
  expect_all_pass(check_conservation(full));

  config.turn.receiver = {.rx_entries = 64, .fill_frames = 4};
  const PathRun starved = run(config, workload);
  EXPECT_GT(starved.result.lost.at("rx_dropped"), 0u);
  EXPECT_EQ(starved.result.lost.count("rx_ring_full"), 0u);
  expect_all_pass(check_conservation(starved));
}

TEST(RingPath, StepsStallTheEngineAndTheConsumer) {
  const Workload workload = make();
  PathRunConfig config = config_of(Path::kUserspaceFilter, {.rx_entries = 64});
  config.pace = Pace::kFixedRate;
  config.pps = 5'000;
  config.steps = {{.at = 50 * kMillisecond, .kind = StepKind::kStallEngine},
                  {.at = 120 * kMillisecond, .kind = StepKind::kResumeEngine}};
  const PathRun engine = run(config, workload);
  EXPECT_GT(engine.result.lost.at("rx_ring_full"), 200u);
  EXPECT_EQ(engine.result.lost.count("rx_dropped"), 0u);
  expect_all_pass(check_conservation(engine));

  config.steps = {{.at = 50 * kMillisecond, .kind = StepKind::kStallConsumer},
                  {.at = 120 * kMillisecond, .kind = StepKind::kResumeConsumer}};
  const PathRun consumer = run(config, workload);
  EXPECT_GT(consumer.result.lost.at("rx_dropped"), 100u);
  EXPECT_EQ(consumer.result.lost.count("rx_ring_full"), 0u);
  expect_all_pass(check_conservation(consumer));
}

TEST(RingPath, QueuesWithoutASocketAreTheHosts) {
  const PathRun done = run(config_of(Path::kKernelFilter, {.sockets = 1}, 4), make());
  EXPECT_GT(done.result.passed.at("no_socket"), 0u);
  EXPECT_EQ(done.result.queues, 1u);
  expect_all_pass(check_conservation(done));
}

TEST(RingPath, WhatNeedsAHostStackIsNamed) {
  const Workload fragments = make({"fragments"});
  Ledger ledger(oracle_of(fragments));
  ledger.add(fragments);
  ASSERT_GT(ledger.slow().count(), 0u);
  TurnConfig turn{.path = Path::kKernelFilter};
  EXPECT_NE(unmet_over_ring(turn, ledger).find("a companion socket"), std::string::npos);
  turn.receiver.companion = Companion::kOff;
  EXPECT_EQ(unmet_over_ring(turn, ledger), "");
  turn.receiver.companion = Companion::kExternal;
  EXPECT_NE(unmet_over_ring(turn, ledger).find("an external companion"), std::string::npos);

  const Ledger nothing(oracle_of(fragments));
  EXPECT_EQ(unmet_over_ring({}, nothing), "");
  EXPECT_NE(unmet_over_ring({.demand = {.queues = 4}, .receiver = {.sockets = 2}}, nothing), "");
  EXPECT_NE(unmet_over_ring({.receiver = {.attach = AttachMode::kGeneric}}, nothing), "");
  EXPECT_NE(unmet_over_ring({.receiver = {.port_map = PortMap::kHash}}, nothing), "");
  EXPECT_NE(unmet_over_ring({.receiver = {.loader = Loader::kDirect}}, nothing), "");
  EXPECT_NE(unmet_over_ring({.host = {.pings = 1}}, nothing), "");
}

TEST(RingRun, RefusesWithTheMissingPieceAndSaysWhatItIsNoEvidenceOf) {
  RunPlan plan;
  plan.topology = Topology::kRing;
  plan.ports = {kPort};
  plan.paths = {Path::kKernelFilter};
  const auto quiet = [](const ProgressPoint&) {};
  const RunResult refused = run_plan(plan, make({"fragments"}), quiet);
  EXPECT_EQ(refused.verdict, RunVerdict::kFail);
  EXPECT_NE(refused.reason.find("the topology ring does not offer"), std::string::npos) << refused.reason;

  plan.steps = {{0, StepKind::kRestartEngine}};
  EXPECT_NE(run_plan(plan, make(), quiet).reason.find("an engine that is started again"), std::string::npos);
  plan.steps.clear();
  plan.demand.zero_copy = true;
  plan.demand.places = {{"zero_copy", "s.toml:9:13"}};
  EXPECT_EQ(run_plan(plan, make(), quiet).reason.find("s.toml:9:13: the topology ring does not offer"), 0u);
  plan.demand = {};

  plan.paths = {Path::kUdp};
  EXPECT_NE(run_plan(plan, make(), quiet).reason.find("a host stack"), std::string::npos);

  plan.paths = {Path::kKernelFilter, Path::kUdp};
  plan.shreds.checks = ShredChecks::kCheap;
  const RunResult passed = run_plan(plan, make(), quiet);
  EXPECT_EQ(passed.verdict, RunVerdict::kPass) << passed.reason;
  EXPECT_EQ(passed.topology, "ring");
  const auto unchecked = [&passed](const std::string& name) -> std::string {
    for (const Check& check : passed.checks) {
      if (check.name == name && !check.pass) return check.detail;
    }
    return {};
  };
  EXPECT_NE(unchecked("ledger.linux").find("not about sameness"), std::string::npos);
  EXPECT_NE(unchecked("udp").find("not run"), std::string::npos);
  EXPECT_EQ(passed.paths.size(), 1u);
}

}  // namespace
}  // namespace penstock
