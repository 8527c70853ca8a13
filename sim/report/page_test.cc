// The page: what it says of one run and of many, and that nothing of a result can break out of its text.
#include "sim/report/page.h"

#include <string>

#include <gtest/gtest.h>

#include "sim/scenario/result.h"

namespace penstock {
namespace {

RunResult some_run(const std::string& scenario = "s") {
  RunResult run;
  run.scenario = scenario;
  run.description = "What is asked?";
  run.topology = "veth";
  run.commit = "abc";
  run.started = "2026-11-28T07:00:00Z";
  run.repeat = "runner run s.toml";
  run.checks = {{"kernel_filter.engine_loss", true, "0 frames"}};
  PathResult path;
  path.path = "kernel_filter";
  path.mode = "native copy";
  path.offered = 1001;
  path.delivered = 900;
  path.passed = {{"port", 101}};
  path.seconds = 0.5;
  run.paths = {path};
  return run;
}

bool has(const std::string& page, const std::string& part) {
  return page.find(part) != std::string::npos;
}

TEST(Page, ShowsARunsNumbersFlowAndChecks) {
  const std::string page = report_page({some_run()});
  for (const char* part : {"1 run: 1 passed.", "id=\"s-over-veth\"", "href=\"#s-over-veth\"",
                           "What is asked?", "1,001", "2,000", "<th scope=\"row\">port</th><td>101</td>",
                           "<svg class=\"flow\"", "1 check passed", "runner run s.toml"}) {
    EXPECT_TRUE(has(page, part)) << part << " in\n" << page;
  }
  EXPECT_FALSE(has(page, "History"));
  EXPECT_FALSE(has(page, "Loss by rate"));
  EXPECT_FALSE(has(page, "class=\"chart\"")) << "nothing was measured that a chart could show";
}

TEST(Page, LoadsAndRunsNothing) {
  RunResult run = some_run("<script>alert(1)</script>");
  run.description = run.reason = run.commit = run.repeat = "\"><img src=\"http://example.com/x\">";
  run.checks[0].detail = run.paths[0].mode = run.paths[0].path = run.description;
  run.paths[0].passed = {{run.description, 3}};
  const std::string page = report_page({run, run});
  for (const char* part : {"<script", "<img", "<link", "src=\"", "url(", "@import"})
    EXPECT_FALSE(has(page, part)) << part;
  EXPECT_TRUE(has(page, "default-src 'none'"));
}

TEST(Page, OpensWithWhatFailed) {
  RunResult run = some_run();
  run.checks.push_back({"kernel_filter.loss", false, "3 more"});
  run.checks.push_back({"tap", std::nullopt, "no tap"});
  judge(run);
  const std::string page = report_page({run, some_run("t")});
  EXPECT_TRUE(has(page, "2 runs: 1 passed, 1 failed."));
  EXPECT_TRUE(has(page, "<p class=\"reason\">kernel_filter.loss: 3 more</p>"));
  EXPECT_LT(page.find("<td>3 more</td>"), page.find("1 check passed")) << "open, before what is folded away";
  EXPECT_TRUE(has(page, "not checked"));
}

TEST(Page, APathOfANamedHostLooksLikeThePath) {
  std::vector<RunResult> runs = {some_run(), some_run()};
  runs[1].started = "2026-11-28T08:00:00Z";
  for (RunResult& run : runs)
    run.paths[0].path = "rx1 userspace_filter";
  runs[0].paths[0].lost = {{"rx_dropped", 1}};
  EXPECT_TRUE(has(report_page(runs), "class=\"line s1\""));
}

TEST(Page, ShowsTheLatestOfSeveralRunsAndTheirHistory) {
  RunResult old = some_run(), young = some_run();
  old.commit = "before";
  old.paths[0].lost = {{"rx_dropped", 1}};
  young.started = "2026-11-29T07:00:00Z";
  young.commit = "behind";
  const std::string page = report_page({young, old});
  EXPECT_TRUE(has(page, "commit behind,"));
  EXPECT_FALSE(has(page, "commit before,"));
  EXPECT_TRUE(has(page, "<h3>History</h3>"));
  EXPECT_TRUE(has(page, "kernel_filter: 999 lost by engine causes, ppm, before at 2026-11-28 07:00"));
  EXPECT_TRUE(has(page, "kernel_filter: 0 lost by engine causes, ppm, behind at 2026-11-29 07:00"));
  EXPECT_LT(page.find("<td>behind</td>"), page.find("<td>before</td>")) << "the latest first";
}

TEST(Page, KeepsTopologiesApart) {
  RunResult ring = some_run();
  ring.topology = "ring";
  const std::string page = report_page({some_run(), ring});
  EXPECT_TRUE(has(page, "id=\"s-over-veth\"") && has(page, "id=\"s-over-ring\""));
  EXPECT_FALSE(has(page, "<h3>History</h3>"));
}

TEST(Page, DrawsLossAgainstRateOfScenariosThatLimitLoss) {
  RunResult slow = some_run("slow"), fast = some_run("fast"), provoked = some_run("provoked");
  fast.paths[0].seconds = 0.01;
  fast.paths[0].lost = {{"rx_ring_full", 10}, {"ring_drop", 500}};
  provoked.paths[0].seconds = 0.001;
  provoked.checks[0].name = "kernel_filter.lost";
  const std::string page = report_page({slow, fast, provoked});
  EXPECT_TRUE(has(page, "Loss by rate"));
  EXPECT_TRUE(has(page, "fast over veth, kernel_filter: 100,000 frames/s, lost: 9.99k ppm"));
  EXPECT_TRUE(has(page, "slow over veth, kernel_filter: 2,000 frames/s, lost: none"));
  EXPECT_FALSE(has(page, "provoked over veth, kernel_filter"));
  fast.verdict = RunVerdict::kInvalid;
  EXPECT_FALSE(has(report_page({slow, fast}), "Loss by rate")) << "an invalid run proves nothing";
}

TEST(Page, DrawsTheDistributionOfLatencyBesideTheMachinesStalls) {
  RunResult run = some_run();
  EXPECT_FALSE(has(report_page({run}), "Latency, from sending")) << "nothing was measured";
  run.paths[0].latency = LatencyDistribution{.count = 1'000,
                                             .p50 = 4'000,
                                             .p90 = 4'000,
                                             .p99 = 9'000,
                                             .p999 = 9'000,
                                             .max = 70'000,
                                             .histogram = {{4'000, 900}, {9'000, 99}, {70'000, 1}}};
  run.paths[0].stalls = LatencyDistribution{.count = 3, .p50 = 2'000, .max = 60'001};
  const std::string page = report_page({run});
  EXPECT_TRUE(has(page, "Latency, from sending to the first consumer"));
  EXPECT_TRUE(has(page, "kernel_filter p99: 9,000 ns"));
  EXPECT_TRUE(has(page, "kernel_filter max: 70,000 ns"));
  EXPECT_TRUE(has(page, "the machine beside kernel_filter</th><td>2,000</td>"));
  EXPECT_TRUE(has(page, "60,001"));
}

TEST(Page, DrawsLatencyOfOlderRunnersByItsPercentiles) {
  RunResult run = some_run();
  run.paths[0].latency = LatencyDistribution{.p50 = 10, .p99 = 4'800, .p999 = 51'000};
  const std::string page = report_page({run});
  EXPECT_TRUE(has(page, "kernel_filter p99.9: 51,000 ns"));
  EXPECT_TRUE(has(page, "<th scope=\"row\">latency p99, ns</th><td>4,800</td>"));
}

TEST(Page, OfARunThatNeverStartedSaysWhy) {
  RunResult run;
  run.scenario = "s";
  run.topology = "veth";
  run.verdict = RunVerdict::kSkip;
  run.reason = "no privilege";
  const std::string page = report_page({run});
  EXPECT_TRUE(has(page, "1 run: 0 passed, 1 skipped."));
  EXPECT_TRUE(has(page, "no privilege"));
  EXPECT_FALSE(has(page, "<svg"));
}

TEST(Page, DrawsPathsTogetherWhoseFramesWentTheSameWays) {
  RunResult run = some_run();
  run.paths.push_back(run.paths[0]);
  run.paths[1].path = "udp";
  EXPECT_TRUE(has(report_page({run}), "<figcaption>kernel_filter, udp</figcaption>"));
  run.paths[1].lost = {{"socket_drop", 1}};
  EXPECT_TRUE(has(report_page({run}), "<figcaption>udp</figcaption>"));
}

}  // namespace
}  // namespace penstock
