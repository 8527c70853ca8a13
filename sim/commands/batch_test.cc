// Rounds, where each run's files go, and what the whole comes to.
#include "sim/commands/batch.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// Runs a plan whose runs end with `verdicts` in turn, then pass. Gives the folders that they were given.
struct Ran {
  BatchResult result;
  std::vector<std::string> folders;
};

Ran ran(const RunBatch& plan, std::vector<RunVerdict> verdicts) {
  Ran ran;
  const Result<BatchResult> result =
      run_batch(plan, [&](std::size_t, const std::filesystem::path& folder) -> Result<RunResult> {
        RunResult run;
        if (ran.folders.size() < verdicts.size()) run.verdict = verdicts[ran.folders.size()];
        ran.folders.push_back(folder.string());
        return run;
      });
  EXPECT_TRUE(result);
  ran.result = *result;
  return ran;
}

using enum RunVerdict;

TEST(Batch, ASingleRunHasTheFolderForItself) {
  EXPECT_EQ(ran({.names = {"a[q=1]"}, .out = "/o"}, {}).folders, (std::vector<std::string>{"/o"}));
  EXPECT_EQ(ran({.names = {"a"}}, {}).folders, (std::vector<std::string>{""}));
  EXPECT_EQ(ran({.names = {"a", "b"}}, {}).folders, (std::vector<std::string>{"", ""}));
}

TEST(Batch, RunsAllOfThemInEachRound) {
  EXPECT_EQ(ran({.names = {"a[q=1]", "b"}, .out = "/o"}, {}).folders,
            (std::vector<std::string>{"/o/a-q-1", "/o/b"}));
  EXPECT_EQ(ran({.names = {"a", "b"}, .rounds = 2, .out = "/o"}, {}).folders,
            (std::vector<std::string>{"/o/a/1", "/o/b/1", "/o/a/2", "/o/b/2"}));
}

TEST(Batch, GoesOnPastFailuresAndTellsTheWorst) {
  const Ran all = ran({.names = {"a"}, .rounds = 5}, {kPass, kFail, kSkip, kInvalid});
  EXPECT_EQ(all.folders.size(), 5u);
  EXPECT_EQ(all.result.verdict, kInvalid);
  EXPECT_EQ(all.result.summary(), "5 runs: 2 passed, 1 failed, 1 invalid, 1 skipped");
  EXPECT_EQ(ran({.names = {"a"}}, {}).result.summary(), "1 run: 1 passed");
}

TEST(Batch, UntilOneFailsStopsThere) {
  const Ran endless =
      ran({.names = {"a", "b"}, .rounds = 0, .until_fail = true}, {kPass, kPass, kPass, kInvalid});
  EXPECT_EQ(endless.result.runs(), 4u);
  EXPECT_EQ(endless.result.verdict, kInvalid);
  EXPECT_EQ(ran({.names = {"a"}, .rounds = 3, .until_fail = true}, {}).result.runs(), 3u) << "nor for ever";
}

TEST(Batch, AnErrorEndsIt) {
  int runs = 0;
  const auto result = run_batch({.names = {"a", "b"}}, [&](std::size_t, const auto&) -> Result<RunResult> {
    ++runs;
    return fail("write");
  });
  EXPECT_FALSE(result);
  EXPECT_EQ(runs, 1);
}

TEST(BatchLine, SaysTheReasonWhereThereIsOne) {
  RunResult run;
  run.scenario = "s";
  run.topology = "veth";
  run.checks = {{"a", true, ""}, {"b", std::nullopt, ""}};
  EXPECT_EQ(batch_line(run), "PASS    s over veth, 1 of 2 checks");
  run.verdict = kInvalid;
  run.reason = "late";
  EXPECT_EQ(batch_line(run), "INVALID s over veth, 1 of 2 checks: late");
}

}  // namespace
}  // namespace penstock
