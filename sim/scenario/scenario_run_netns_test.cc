// What only a whole run can show: a refusal that does not happen, and what a broken law leaves behind. Needs
// root.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "sim/scenario/scenario_run.h"
#include "sim/workload/frames.h"
#include "sim/workload/sequence.h"

namespace penstock {
namespace {

constexpr std::uint16_t kPort = 8003;
constexpr Nanoseconds kMinute = 60 * kSecond;

RunResult run(const RunPlan& plan, const Workload& workload) {
  return run_plan_until_valid(plan, workload, [](const ProgressPoint&) {});
}

RunPlan plan_of_kernel_filter() {
  RunPlan plan;
  plan.name = "test";
  plan.ports = {kPort};
  plan.paths = {Path::kKernelFilter};
  plan.expect.nothing_left = false;  // other tests of this machine may come and go
  return plan;
}

Workload datagrams(int count, std::size_t payload_bytes = 50) {
  Workload workload({.profile = "test", .link = path_link(), .tvu_port = kPort});
  for (int i = 0; i < count; ++i) {
    const std::vector<std::byte> payload(payload_bytes, static_cast<std::byte>(i));
    add_datagram(i * kMillisecond, FrameKind::kJunk, {{{198, 18, 0, 1}}, 8006}, kPort, 1, payload, &workload);
  }
  return workload;
}

const Check& check_named(const RunResult& result, const std::string& name) {
  const auto found = std::find_if(result.checks.begin(), result.checks.end(),
                                  [&](const Check& check) { return check.name == name; });
  EXPECT_NE(found, result.checks.end()) << name;
  return *found;
}

TEST(ScenarioRun, ARefusalThatDoesNotHappenFailsAndSoDoesOneForAnotherReason) {
  RunPlan plan = plan_of_kernel_filter();
  plan.expect.refused = "generic";
  RunResult result = run(plan, datagrams(1));
  EXPECT_EQ(check_named(result, "kernel_filter.refused").detail, "the receiver was opened");
  EXPECT_EQ(result.verdict, RunVerdict::kFail);

  plan.paths = {Path::kUserspaceFilter};
  plan.receiver.attach = AttachMode::kGeneric;
  EXPECT_EQ(run(plan, datagrams(1)).verdict, RunVerdict::kPass);
  plan.expect.refused = "because it is Friday";
  EXPECT_EQ(run(plan, datagrams(1)).verdict, RunVerdict::kFail);
}

TEST(ScenarioRun, ABrokenLawNamesTheFrameAndLeavesIt) {
  constexpr int kSent = 60;
  RunPlan plan = plan_of_kernel_filter();
  plan.evidence = std::filesystem::path(::testing::TempDir()) / "evidence";
  plan.receiver.rx_entries = 4;
  plan.steps = {{0, StepKind::kStallEngine}, {2 * kSent * kMillisecond, StepKind::kResumeEngine}};
  const RunResult result = run(plan, datagrams(kSent));
  EXPECT_EQ(result.verdict, RunVerdict::kFail);
  EXPECT_NE(check_named(result, "kernel_filter.same_meaning").detail.find(" was not delivered: junk at "),
            std::string::npos);
  EXPECT_EQ(check_named(result, "kernel_filter.account.socket").pass, true) << "the loss is accounted for";
  const auto lost = read_ethernet_frames(plan.evidence / "kernel_filter.not_delivered.pcap");
  ASSERT_TRUE(lost) << lost.error().message();
  EXPECT_EQ(lost->size(), result.paths.at(0).lost.at("rx_ring_full"));
}

TEST(ScenarioRun, WhatIsMeasuredIsOfEveryPath) {
  RunPlan plan = plan_of_kernel_filter();
  plan.paths = {Path::kKernelFilter, Path::kUserspaceFilter, Path::kIoUring, Path::kUdp};
  plan.measure.latency = plan.measure.cpu_time = plan.numbered = true;
  plan.pace = Pace::kFlatOut;  // fewer than a ring holds, and no rate to be missed
  Workload workload = datagrams(50, 200);
  number_datagrams(workload);
  drop_checksums(workload);
  const RunResult result = run(plan, workload);
  ASSERT_EQ(result.verdict, RunVerdict::kPass) << result.reason;
  for (const PathResult& path : result.paths) {
    ASSERT_TRUE(path.latency) << path.path;
    EXPECT_EQ(path.latency->count, 50u) << path.path;
    EXPECT_GT(path.latency->p50, 0u) << path.path << ": the stamp is of the future";
    EXPECT_LE(path.latency->max, static_cast<std::uint64_t>(kMinute)) << path.path;
    std::uint64_t counted = 0;
    for (const auto& [at_most, count] : path.latency->histogram)
      counted += count;
    EXPECT_EQ(counted, 50u) << path.path;
    EXPECT_TRUE(path.stalls) << path.path;
    EXPECT_NE(path.ns_per_packet.has_value(), path.not_measured.contains("ns_per_packet")) << path.path;
  }
}

}  // namespace
}  // namespace penstock
