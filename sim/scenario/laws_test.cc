// The checks themselves: each law is seen to fail when it is broken.
#include "sim/scenario/laws.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario/receiver_circumstances.h"
#include "sim/workload/generator.h"
#include "sim/workload/hostile/hostile.h"
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
    run.result.path = "kernel_filter";
    for (const TimedFrame& frame : workload_.frames()) {
      const Judgement judgement = oracle_.judge(frame.bytes);
      std::size_t& left_out = judgement.fate == Fate::kFast ? leave_out_taken : leave_out_passed;
      if (left_out > 0) {
        --left_out;
      } else if (judgement.fate == Fate::kFast) {
        run.delivered.add_datagram(judgement.source, judgement.destination, judgement.payload);
      } else {
        run.witnessed.host.add_frame(frame.bytes);
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
  EXPECT_EQ(outcome(checks, "kernel_filter.same_meaning"), true);
  EXPECT_EQ(outcome(checks, "kernel_filter.host"), true);
}

TEST_F(LawsTest, OneMissingDatagramBreaksIt) {
  EXPECT_EQ(outcome(check_same_meaning(faithful_run(1), ledger_), "kernel_filter.same_meaning"), false);
}

TEST_F(LawsTest, OneFrameThatTheHostMissesBreaksIt) {
  EXPECT_EQ(outcome(check_same_meaning(faithful_run(0, 1), ledger_), "kernel_filter.host"), false);
}

// The same workload with odd frames, so that the ledger has a slow way.
class SlowWayTest : public LawsTest {
 protected:
  SlowWayTest()
      : odd_({.profile = "odd", .link = workload_.info().link, .tvu_port = 8003}), odd_ledger_(oracle_) {
    EXPECT_TRUE(
        add_hostile({.seed = 1, .names = {"ip_options_noop", "udp_checksum_zero"}, .each = 5}, {}, &odd_));
    odd_ledger_.add(odd_);
  }

  // Delivers everything, the slow ones by the slow way, but for some of those.
  PathRun run_of(Companion companion, std::size_t leave_out_slow = 0) const {
    PathRun run;
    run.result.path = "kernel_filter";
    run.companion = companion;
    run.receiver = circumstances_of({.companion = companion});
    for (const TimedFrame& frame : odd_.frames()) {
      const Judgement judgement = oracle_.judge(frame.bytes);
      const bool slow = judgement.fate == Fate::kSlow;
      if (slow && (companion != Companion::kOwn || leave_out_slow > 0)) {
        if (leave_out_slow > 0) --leave_out_slow;
        continue;
      }
      run.delivered.add_datagram(judgement.source, judgement.destination, judgement.payload);
      if (slow) run.slow.add_datagram(judgement.source, judgement.destination, judgement.payload);
    }
    return run;
  }

  Workload odd_;
  Ledger odd_ledger_;
};

TEST_F(SlowWayTest, TheOwnCompanionBringsAllOfIt) {
  EXPECT_EQ(odd_ledger_.slow().count(), 5u);
  const std::vector<Check> checks = check_same_meaning(run_of(Companion::kOwn), odd_ledger_);
  EXPECT_EQ(outcome(checks, "kernel_filter.same_meaning"), true);
  EXPECT_EQ(outcome(checks, "kernel_filter.slow_way"), true);
  EXPECT_EQ(
      outcome(check_same_meaning(run_of(Companion::kOwn, 1), odd_ledger_), "kernel_filter.same_meaning"),
      false);
  EXPECT_EQ(outcome(check_same_meaning(run_of(Companion::kOwn, 1), odd_ledger_), "kernel_filter.slow_way"),
            false);
}

TEST_F(SlowWayTest, ADatagramThatComesByBothWaysBreaksLaw1) {
  PathRun run = run_of(Companion::kOwn);
  for (const TimedFrame& frame : odd_.frames()) {
    const Judgement judgement = oracle_.judge(frame.bytes);
    if (judgement.fate != Fate::kFast) continue;
    run.delivered.add_datagram(judgement.source, judgement.destination, judgement.payload);
    run.slow.add_datagram(judgement.source, judgement.destination, judgement.payload);
    break;
  }
  const std::vector<Check> checks = check_same_meaning(run, odd_ledger_);
  EXPECT_EQ(outcome(checks, "kernel_filter.same_meaning"), false);
  EXPECT_EQ(outcome(checks, "kernel_filter.slow_way"), false);
}

TEST_F(SlowWayTest, AnUnboundQueueBringsMoreOfIt) {
  PathRun run = run_of(Companion::kOwn);
  run.every_queue = false;
  run.slow.merge(odd_ledger_.fast());
  EXPECT_EQ(outcome(check_same_meaning(run, odd_ledger_), "kernel_filter.slow_way"), true);
  run = run_of(Companion::kOwn, 1);
  run.every_queue = false;
  EXPECT_EQ(outcome(check_same_meaning(run, odd_ledger_), "kernel_filter.slow_way"), false);
}

TEST_F(SlowWayTest, TheHostSeesWhatComesByAnUnboundQueue) {
  PathRun run = run_of(Companion::kOwn);
  run.every_queue = false;
  run.slow.merge(odd_ledger_.fast());
  for (const TimedFrame& frame : odd_.frames())
    run.witnessed.host.add_frame(frame.bytes);
  EXPECT_EQ(outcome(check_same_meaning(run, odd_ledger_), "kernel_filter.host"), true);
  run.witnessed.host.add_frame(odd_.frames()[0].bytes);
  EXPECT_EQ(outcome(check_same_meaning(run, odd_ledger_), "kernel_filter.host"), false);
}

TEST_F(SlowWayTest, IsNotClaimedWithoutACompanionOfItsOwn) {
  for (const Companion companion : {Companion::kExternal, Companion::kOff}) {
    const std::vector<Check> checks = check_same_meaning(run_of(companion), odd_ledger_);
    EXPECT_EQ(outcome(checks, "kernel_filter.same_meaning"), true) << "of the fast way";
    const auto slow = std::find_if(checks.begin(), checks.end(),
                                   [](const Check& c) { return c.name == "kernel_filter.slow_way"; });
    ASSERT_NE(slow, checks.end()) << "said all the same";
    EXPECT_FALSE(slow->pass);
  }
}

TEST_F(SlowWayTest, HeldPortsCauseNoPortUnreachable) {
  const auto verdict = [this](Companion companion, std::optional<std::uint64_t> sent) {
    PathRun run = run_of(companion);
    run.witnessed.port_unreachables = sent;
    return outcome(check_same_meaning(run, odd_ledger_), "kernel_filter.port_unreachable");
  };
  EXPECT_EQ(verdict(Companion::kOwn, 0), true);
  EXPECT_EQ(verdict(Companion::kOwn, 1), false);
  EXPECT_EQ(verdict(Companion::kExternal, 1), false);
  EXPECT_EQ(verdict(Companion::kOff, 1), true);
  EXPECT_EQ(verdict(Companion::kOwn, std::nullopt), std::nullopt);
  EXPECT_EQ(verdict(Companion::kOff, 0), false) << "the kernel answers for ports that nobody holds";
}

TEST_F(LawsTest, OneChangedByteBreaksIt) {
  PathRun run = faithful_run(1);
  const std::vector<std::byte> wrong(1203);
  run.delivered.add_datagram({{{198, 18, 0, 1}}, 8006}, {{{10, 0, 0, 2}}, 8003}, wrong);
  const std::vector<Check> checks = check_same_meaning(run, ledger_);
  EXPECT_EQ(outcome(checks, "kernel_filter.same_meaning"), false);
  EXPECT_NE(checks[0].detail.find("not the same ones"), std::string::npos);
}

TEST_F(LawsTest, AnEmptyDeliveryNeverPasses) {
  const Ledger empty(oracle_);
  const PathRun run = [] {
    PathRun r;
    r.result.path = "kernel_filter";
    return r;
  }();
  EXPECT_EQ(outcome(check_same_meaning(run, empty), "kernel_filter.same_meaning"), false);
  EXPECT_EQ(outcome(check_same_meaning(run, ledger_), "kernel_filter.same_meaning"), false);
}

TEST_F(LawsTest, AnOpenAccountFailsUnderItsName) {
  PathRun run = faithful_run();
  run.accounts = {Account("closed", {{"a", 1}}, {{"b", 1}}), Account("open", {{"a", 1}}, {{"b", 2}})};
  const std::vector<Check> checks = check_conservation(run);
  EXPECT_EQ(outcome(checks, "kernel_filter.account.closed"), true);
  EXPECT_EQ(outcome(checks, "kernel_filter.account.open"), false);
}

TEST_F(LawsTest, EngineLossCountsEngineCausesOnly) {
  PathRun run = faithful_run();
  run.result.lost = {{"ring_drop", 7},      {"queue_drop", 9}, {"port_removed", 5},  {"rx_ring_full", 2},
                     {"return_overrun", 1}, {"tap_error", 1},  {"bad_descriptor", 1}};
  EXPECT_EQ(outcome(check_expectations(run, {.engine_loss = 5}), "kernel_filter.engine_loss"), true);
  EXPECT_EQ(outcome(check_expectations(run, {.engine_loss = 4}), "kernel_filter.engine_loss"), false);
}

TEST_F(LawsTest, LostNamesEveryCauseAndEachOfThemHappens) {
  PathRun run = faithful_run();
  run.result.lost = {{"rx_dropped", 3}, {"rx_ring_full", 0}};
  Expect expect;
  expect.lost = {"rx_dropped"};
  EXPECT_EQ(outcome(check_expectations(run, expect), "kernel_filter.lost"), true);
  EXPECT_FALSE(outcome(check_expectations(run, expect), "kernel_filter.engine_loss"))
      << "the causes are named instead";
  expect.lost = {"rx_dropped", "rx_ring_full"};
  EXPECT_EQ(outcome(check_expectations(run, expect), "kernel_filter.lost"), false)
      << "declared, but did not happen";
  expect.lost = std::vector<std::string>{};
  EXPECT_EQ(outcome(check_expectations(run, expect), "kernel_filter.lost"), false)
      << "happened, but was not declared";
  run.result.lost = {};
  EXPECT_EQ(outcome(check_expectations(run, expect), "kernel_filter.lost"), true);
}

TEST_F(LawsTest, EachExpectedReasonHasPassedFrames) {
  PathRun run = faithful_run();
  run.result.passed = {{"no_socket", 4}, {"port", 0}};
  Expect expect;
  expect.passed = {"no_socket"};
  EXPECT_EQ(outcome(check_expectations(run, expect), "kernel_filter.passed"), true);
  expect.passed = {"no_socket", "port"};
  EXPECT_EQ(outcome(check_expectations(run, expect), "kernel_filter.passed"), false);
}

TEST_F(LawsTest, FecSetsAreCountedExactly) {
  PathRun run = faithful_run();
  run.result.shreds = ShredCounts{.sets_complete = 24, .sets_incomplete = 1};
  Expect expect;
  expect.fec_sets = 25;
  expect.fec_sets_complete = 25;
  const std::vector<Check> checks = check_expectations(run, expect);
  EXPECT_EQ(outcome(checks, "kernel_filter.fec_sets"), true);
  EXPECT_EQ(outcome(checks, "kernel_filter.fec_sets_complete"), false);
}

TEST_F(LawsTest, TheShredStageDiscardsForExactlyTheExpectedReasons) {
  PathRun run = faithful_run();
  run.result.shreds = ShredCounts{.sets_incomplete = 1, .discarded = {{"conflict", 3}}, .conflicts = 1};
  Expect expect;
  expect.fec_sets_incomplete = 0;
  expect.conflicts = 1;
  expect.shreds_discarded = {"conflict"};
  const std::vector<Check> checks = check_expectations(run, expect);
  EXPECT_EQ(outcome(checks, "kernel_filter.fec_sets_incomplete"), false);
  EXPECT_EQ(outcome(checks, "kernel_filter.conflicts"), true);
  EXPECT_EQ(outcome(checks, "kernel_filter.shreds_discarded"), true);
  expect.shreds_discarded = {"conflict", "merkle"};
  EXPECT_EQ(outcome(check_expectations(run, expect), "kernel_filter.shreds_discarded"), false);
  expect.shreds_discarded = std::vector<std::string>{};
  EXPECT_EQ(outcome(check_expectations(run, expect), "kernel_filter.shreds_discarded"), false);
}

TEST_F(LawsTest, TheLedgerIsHeldToLinux) {
  MultisetDigest sockets;
  EXPECT_EQ(check_ledger(sockets, ledger_).pass, false);
  sockets.merge(ledger_.expected_of_sockets());
  EXPECT_EQ(check_ledger(sockets, ledger_).pass, true);
}

}  // namespace
}  // namespace penstock
