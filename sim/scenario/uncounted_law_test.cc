// Checks that need a counter which the receiver's device does not have: not made, and never passed.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scenario/laws.h"

namespace penstock {
namespace {

PathRun run_with_an_unknown_loss() {
  PathRun run;
  run.result.path = "udp";
  run.path = Path::kUdp;
  run.uncounted = "nic_drop of driver ena: no counter";
  run.accounts = {Account("program", {{"offered", 7}}, {{"nic_drop", Count::unknown(run.uncounted)}})};
  return run;
}

const Check* find(const std::vector<Check>& checks, const std::string& name) {
  const auto found =
      std::find_if(checks.begin(), checks.end(), [&](const Check& c) { return c.name == name; });
  return found == checks.end() ? nullptr : &*found;
}

TEST(Uncounted, AnAccountIsNotCheckedAndNamesTheCounter) {
  const std::vector<Check> checks = check_conservation(run_with_an_unknown_loss());
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks[0].pass, std::nullopt);
  EXPECT_NE(checks[0].detail.find("not checked, nic_drop of driver ena"), std::string::npos)
      << checks[0].detail;
}

TEST(Uncounted, ALimitOnLossesCanOnlyFail) {
  PathRun run = run_with_an_unknown_loss();
  const std::vector<Check> unknown = check_expectations(run, {});
  ASSERT_NE(find(unknown, "udp.engine_loss"), nullptr);
  EXPECT_EQ(find(unknown, "udp.engine_loss")->pass, std::nullopt);
  EXPECT_EQ(find(unknown, "udp.engine_loss")->detail, run.uncounted);
  run.result.lost["socket_drop"] = 1;
  const std::vector<Check> lost = check_expectations(run, {});
  EXPECT_EQ(find(lost, "udp.engine_loss")->pass, false) << "what is known to be lost is lost all the same";
}

TEST(Uncounted, WhatTheStackShouldHaveSeenIsUnknown) {
  PathRun run = run_with_an_unknown_loss();
  const Oracle oracle({});
  const Ledger ledger(oracle);
  const std::vector<Check> checks = check_same_meaning(run, ledger);
  ASSERT_NE(find(checks, "udp.host"), nullptr);
  EXPECT_EQ(find(checks, "udp.host")->pass, std::nullopt);
  run.uncounted.clear();
  const std::vector<Check> counted = check_same_meaning(run, ledger);
  EXPECT_EQ(find(counted, "udp.host")->pass, true) << "or this test would prove nothing";
}

}  // namespace
}  // namespace penstock
