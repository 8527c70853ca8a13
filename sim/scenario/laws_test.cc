// The checks themselves: each law is seen to fail when it is broken.
#include "sim/scenario/laws.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/workload/generator.h"
#include "sim/workload/profiles.h"

namespace penstock {
namespace {

class LawsTest : public ::testing::Test {
 protected:
  LawsTest()
      : workload_(std::move(
            generate_unsigned({.profile = *find_profile("first-light"),
                               .seed = 3,
                               .slots = 1,
                               .link = {{{2, 0, 0, 0, 0, 1}}, {{2, 0, 0, 0, 0, 2}}, {{10, 0, 0, 2}}},
                               .tvu_port = 8003})
                ->workload)),
        oracle_(oracle_of(workload_)),
        ledger_(oracle_) {
    ledger_.add(workload_);
  }

  // A run that delivers and passes exactly what the ledger says, but for the frames left out.
  PathRun faithful_run(std::size_t leave_out_taken = 0, std::size_t leave_out_passed = 0) const {
    PathRun run;
    run.result.path = "p";
    run.host_is_whole = true;
    for (const TimedFrame& frame : workload_.frames()) {
      const Judgement judgement = oracle_.judge(frame.bytes);
      std::size_t& left_out = judgement.fate == Fate::kFast ? leave_out_taken : leave_out_passed;
      if (left_out > 0) {
        --left_out;
      } else if (judgement.fate == Fate::kFast) {
        run.delivered.add_datagram(judgement.source, judgement.destination, judgement.payload);
      } else {
        run.host.add_frame(frame.bytes);
      }
    }
    return run;
  }

  static std::optional<bool> outcome(const std::vector<Check>& checks, const std::string& name) {
    const auto found =
        std::find_if(checks.begin(), checks.end(), [&](const Check& c) { return c.name == name; });
    if (found == checks.end()) return std::nullopt;
    return found->pass;
  }

  Workload workload_;
  Oracle oracle_;
  Ledger ledger_;
};

TEST_F(LawsTest, AFaithfulRunHasTheSameMeaning) {
  const std::vector<Check> checks = check_same_meaning(faithful_run(), ledger_);
  EXPECT_EQ(outcome(checks, "p.same_meaning"), true);
  EXPECT_EQ(outcome(checks, "p.host"), true);
}

TEST_F(LawsTest, OneMissingDatagramBreaksIt) {
  EXPECT_EQ(outcome(check_same_meaning(faithful_run(1), ledger_), "p.same_meaning"), false);
}

TEST_F(LawsTest, OneFrameThatTheHostMissesBreaksIt) {
  EXPECT_EQ(outcome(check_same_meaning(faithful_run(0, 1), ledger_), "p.host"), false);
}

TEST_F(LawsTest, OneChangedByteBreaksIt) {
  PathRun run = faithful_run(1);
  const std::vector<std::byte> wrong(1203);
  run.delivered.add_datagram({{{198, 18, 0, 1}}, 8006}, {{{10, 0, 0, 2}}, 8003}, wrong);
  const std::vector<Check> checks = check_same_meaning(run, ledger_);
  EXPECT_EQ(outcome(checks, "p.same_meaning"), false);
  EXPECT_NE(checks[0].detail.find("not the same ones"), std::string::npos);
}

TEST_F(LawsTest, AnEmptyDeliveryNeverPasses) {
  const Ledger empty(oracle_);
  const PathRun run = [] {
    PathRun r;
    r.result.path = "p";
    return r;
  }();
  EXPECT_EQ(outcome(check_same_meaning(run, empty), "p.same_meaning"), false);
  EXPECT_EQ(outcome(check_same_meaning(run, ledger_), "p.same_meaning"), false);
}

TEST_F(LawsTest, AnOpenAccountFailsUnderItsName) {
  PathRun run = faithful_run();
  run.accounts = {Account("closed", {{"a", 1}}, {{"b", 1}}), Account("open", {{"a", 1}}, {{"b", 2}})};
  const std::vector<Check> checks = check_conservation(run);
  EXPECT_EQ(outcome(checks, "p.account.closed"), true);
  EXPECT_EQ(outcome(checks, "p.account.open"), false);
}

TEST_F(LawsTest, EngineLossCountsEngineCausesOnly) {
  PathRun run = faithful_run();
  run.result.lost = {{"ring_drop", 7}, {"rx_ring_full", 2}, {"rx_dropped", 1}};
  EXPECT_EQ(outcome(check_expectations(run, {.engine_loss = 3}), "p.engine_loss"), true);
  EXPECT_EQ(outcome(check_expectations(run, {.engine_loss = 2}), "p.engine_loss"), false);
}

TEST_F(LawsTest, LostNamesEveryCauseAndEachOfThemHappens) {
  PathRun run = faithful_run();
  run.result.lost = {{"rx_dropped", 3}, {"rx_ring_full", 0}};
  Expect expect;
  expect.lost = {"rx_dropped"};
  EXPECT_EQ(outcome(check_expectations(run, expect), "p.lost"), true);
  EXPECT_FALSE(outcome(check_expectations(run, expect), "p.engine_loss")) << "the causes are named instead";
  expect.lost = {"rx_dropped", "rx_ring_full"};
  EXPECT_EQ(outcome(check_expectations(run, expect), "p.lost"), false) << "declared, but did not happen";
  expect.lost = std::vector<std::string>{};
  EXPECT_EQ(outcome(check_expectations(run, expect), "p.lost"), false) << "happened, but was not declared";
  run.result.lost = {};
  EXPECT_EQ(outcome(check_expectations(run, expect), "p.lost"), true);
}

TEST_F(LawsTest, EachExpectedReasonHasPassedFrames) {
  PathRun run = faithful_run();
  run.result.passed = {{"no_socket", 4}, {"port", 0}};
  Expect expect;
  expect.passed = {"no_socket"};
  EXPECT_EQ(outcome(check_expectations(run, expect), "p.passed"), true);
  expect.passed = {"no_socket", "port"};
  EXPECT_EQ(outcome(check_expectations(run, expect), "p.passed"), false);
}

TEST_F(LawsTest, FecSetsAreCountedExactly) {
  PathRun run = faithful_run();
  run.result.shreds = ShredCounts{.sets_complete = 24, .sets_incomplete = 1};
  Expect expect;
  expect.fec_sets = 25;
  expect.fec_sets_complete = 25;
  const std::vector<Check> checks = check_expectations(run, expect);
  EXPECT_EQ(outcome(checks, "p.fec_sets"), true);
  EXPECT_EQ(outcome(checks, "p.fec_sets_complete"), false);
}

TEST_F(LawsTest, TheLedgerIsHeldToLinux) {
  MultisetDigest sockets;
  EXPECT_EQ(check_ledger(sockets, ledger_).pass, false);
  sockets.merge(ledger_.expected_of_sockets());
  EXPECT_EQ(check_ledger(sockets, ledger_).pass, true);
}

}  // namespace
}  // namespace penstock
