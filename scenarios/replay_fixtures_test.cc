// The captures of the fixtures, replayed over veth: both filters deliver every shred, and equal ones.
// Numbers are those of the fixtures' own index.
#include <cstdint>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "engine/testing/fixtures.h"
#include "sim/replay/capture_workload.h"
#include "sim/scenario/scenario_run.h"

namespace penstock {
namespace {

struct Capture {
  const char* file;
  std::uint16_t port;
  std::map<std::string, std::uint64_t> variants;
  std::uint64_t sets;
  std::uint64_t sets_complete;
  std::uint64_t sets_recovered;
};

class ReplayFixture : public ::testing::TestWithParam<Capture> {};

TEST_P(ReplayFixture, ArrivesWholeAndTheSameByBothFilters) {
  const Capture& capture = GetParam();
  const auto file = testing::fixture(capture.file);
  if (!file) GTEST_SKIP() << testing::fixture_absent(capture.file);
  const auto workload = read_capture_workload(*file, path_link(), CaptureAddresses::kRewritten);
  ASSERT_TRUE(workload) << workload.error().message();

  RunPlan plan;
  plan.name = capture.file;
  plan.ports = {capture.port};
  plan.paths = {Path::kKernelFilter, Path::kUserspaceFilter};
  const RunResult result = run_plan_until_valid(plan, *workload, [](const ProgressPoint&) {});
  EXPECT_EQ(result.verdict, RunVerdict::kPass) << result.reason;

  ASSERT_EQ(result.paths.size(), 2u);
  for (const PathResult& path : result.paths) {
    EXPECT_EQ(path.offered, workload->frames().size());
    EXPECT_EQ(path.delivered, path.offered);
    EXPECT_EQ(path.payload_digest, result.paths[0].payload_digest);
    ASSERT_TRUE(path.shreds);
    EXPECT_EQ(path.shreds->variants, capture.variants);
    EXPECT_EQ(path.shreds->sets(), capture.sets);
    EXPECT_EQ(path.shreds->sets_complete, capture.sets_complete);
    EXPECT_EQ(path.shreds->sets_recovered, capture.sets_recovered);
  }
}

INSTANTIATE_TEST_SUITE_P(Captures, ReplayFixture,
                         ::testing::Values(Capture{"testnet-385970984-arrival-order.pcap",
                                                   8003,
                                                   {{"0x96", 121}, {"0x66", 123}, {"0xb6", 32}, {"0x76", 31}},
                                                   5,
                                                   0,
                                                   5},
                                           Capture{"demo-shreds.pcap",
                                                   46049,
                                                   {{"0x96", 224}, {"0x66", 224}, {"0xb6", 32}, {"0x76", 32}},
                                                   8,
                                                   8,
                                                   0}),
                         [](const ::testing::TestParamInfo<Capture>& capture) {
                           return capture.index == 0 ? "Testnet" : "Golden";
                         });

}  // namespace
}  // namespace penstock
