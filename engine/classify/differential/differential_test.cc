// That a difference is found and reported so that it can be repeated; and C++ against the plain model.
// The kernel's program joins in engine/xdp/differential_test.cc.
#include "engine/classify/differential/differential.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/classify/differential/frame_report.h"
#include "engine/classify/testing/frame_rows.h"
#include "engine/classify/testing/option_rows.h"
#include "engine/classify/testing/plain_model.h"
#include "engine/classify/testing/policy_rows.h"
#include "engine/metrics/counters.h"

namespace penstock {
namespace {

DifferentialRun small_run(std::uint64_t frames) {
  return {.policy = "plain",
          .target = row_classifier(),
          .seed = 3,
          .frames = frames,
          .command = "again --policy={policy} --seed={seed} --first={number} --frames=1",
          .outputs = std::getenv("TEST_TMPDIR")};
}

// The classifier with a planted mistake: to it the second word of the fragment field is all there is.
Judge mistaken_judge() {
  const Judge right = cpp_judge(row_classifier());
  return {"the mistaken one", [right](std::span<const std::byte> frame) -> Result<Opinion> {
            Result<Opinion> opinion = right.judge(frame);
            if (opinion->reason == PENSTOCK_FRAGMENT && frame[21] == std::byte{0})
              opinion->reason = PENSTOCK_TAKEN;
            return opinion;
          }};
}

TEST(Differential, ReportsAPlantedDifferenceSoThatItCanBeRepeated) {
  const std::vector<Judge> judges = {cpp_judge(row_classifier()), mistaken_judge()};
  const auto result = run_differential(small_run(20'000), judges);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_GT(result->differences, DifferentialResult::kMaxReports);
  ASSERT_EQ(result->reports.size(), DifferentialResult::kMaxReports);

  const std::string& report = result->reports[0];
  const std::size_t at = report.find("--first=");
  ASSERT_NE(at, std::string::npos) << report;
  const std::uint64_t number = std::stoull(report.substr(at + 8));
  FrameMutator again(row_classifier(), {.seed = 3, .first = number});
  const std::span<const std::byte> frame = again.next();
  EXPECT_NE(report.find("C++ says fragment, the mistaken one says taken"), std::string::npos) << report;
  EXPECT_NE(report.find("hex    " + hex(frame) + "\n"), std::string::npos) << report;
  EXPECT_NE(report.find("scapy  Ether(bytes.fromhex(\"" + hex(frame) + "\"))"), std::string::npos) << report;
  EXPECT_NE(report.find("repeat again --policy=plain --seed=3 --first="), std::string::npos) << report;

  const auto pcap = std::filesystem::path(std::getenv("TEST_TMPDIR")) /
                    ("difference-plain-3-" + std::to_string(number) + ".pcap");
  EXPECT_NE(report.find("pcap   " + pcap.string()), std::string::npos) << report;
  const auto frames = read_ethernet_frames(pcap);
  ASSERT_TRUE(frames) << frames.error().message();
  ASSERT_EQ(frames->size(), 1u);
  EXPECT_EQ(hex(frames->at(0).bytes), hex(frame));

  // And the command's frame alone shows the same difference.
  DifferentialRun repeat = small_run(1);
  repeat.first = number;
  const auto repeated = run_differential(repeat, judges);
  ASSERT_TRUE(repeated);
  EXPECT_EQ(repeated->differences, 1u);
  EXPECT_EQ(repeated->reports[0], report);
}

TEST(Differential, ComparesPayloadsToo) {
  const Judge right = cpp_judge(row_classifier());
  const Judge one_more{"untrimmed", [right](std::span<const std::byte> frame) -> Result<Opinion> {
                         Result<Opinion> opinion = right.judge(frame);
                         if (opinion->reason == PENSTOCK_TAKEN) ++opinion->payload->length;
                         return opinion;
                       }};
  const auto result = run_differential(small_run(1'000), std::vector{right, one_more});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->differences, result->by_reason[PENSTOCK_TAKEN]);
  EXPECT_GT(result->differences, 0u);
}

TEST(Differential, AJudgeThatCannotJudgeIsAnError) {
  const Judge broken{"broken", [](std::span<const std::byte>) -> Result<Opinion> { return fail("judge"); }};
  const auto result = run_differential(small_run(1), std::vector{cpp_judge(row_classifier()), broken});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "judge");
}

TEST(PlainModel, GivesEveryRowItsReasonAndPayload) {
  for (const auto& [config, rows] :
       {std::pair{row_classifier(), frame_rows()}, std::pair{option_classifier(), option_rows()}}) {
    for (const FrameRow& row : rows) {
      const Verdict verdict = plain_verdict(config, row.frame);
      EXPECT_EQ(reason_name(verdict.reason), reason_name(row.reason)) << row.name;
      EXPECT_EQ(verdict.payload.length, row.payload_bytes) << row.name;
    }
  }
}

TEST(PlainModel, AgreesWithCppUnderEveryPolicy) {
  for (const PolicyRow& row : policy_rows()) {
    DifferentialRun run = small_run(100'000);
    run.policy = row.name;
    run.target = row.config;
    const auto result = run_differential(run, std::vector{cpp_judge(row.config), plain_judge(row.config)});
    ASSERT_TRUE(result) << result.error().message();
    for (const std::string& report : result->reports)
      ADD_FAILURE() << report;
  }
}

}  // namespace
}  // namespace penstock
