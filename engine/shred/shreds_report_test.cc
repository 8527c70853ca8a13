// The report on captures: states of sets, counts, what is not a shred, JSON.
#include "engine/shred/shreds_report.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/shred/testing/hex.h"
#include "engine/shred/testing/known_answers.h"
#include "engine/shred/testing/signed_set.h"
#include "engine/testing/fixtures.h"

namespace penstock {
namespace {

using testing::array_from_hex;
using testing::make_signed_set;
using testing::SignedSet;
using testing::to_hex;
using State = ReportedSet::State;

ShredsReportOptions verified() {
  return {.leader = public_key_of(testing::test_leader(0))};
}

void add(ShredsReporter& reporter, const SignedSet& set, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i)
    reporter.add(set.shreds[i]);
}

TEST(ShredsReport, SortsSetsByWhatCame) {
  ShredsReporter reporter(verified());
  add(reporter, make_signed_set({.fec_set_index = 0}), 0, 64);
  add(reporter, make_signed_set({.fec_set_index = 32}), 0, 63);
  add(reporter, make_signed_set({.fec_set_index = 64}), 10, 42);
  add(reporter, make_signed_set({.fec_set_index = 96}), 0, 31);
  const ShredsReport report = reporter.report();
  ASSERT_EQ(report.sets.size(), 4u);
  EXPECT_EQ(report.sets[0].state, State::kComplete);
  EXPECT_EQ(report.sets[1].state, State::kRecovered);
  EXPECT_EQ(report.sets[1].members, 63u);
  EXPECT_EQ(report.sets[2].state, State::kRecovered);
  EXPECT_EQ(report.sets[3].state, State::kIncomplete);
  EXPECT_EQ(report.sets_in(State::kRecovered), 2u);
  EXPECT_EQ(report.by_slot.at(1000), 64u + 63 + 32 + 31);
  EXPECT_EQ(report.by_variant.at(0x96), 32u + 32 + 22 + 31);
}

TEST(ShredsReport, ASetThatContradictsItselfIsIncompleteWhateverCame) {
  ShredsReporter reporter(verified());
  add(reporter,
      make_signed_set({.before_hashing =
                           [](std::size_t member, auto& shred) {
                             if (member == 60) shred[500] ^= std::byte{1};
                           }}),
      0, 64);
  const ShredsReport report = reporter.report();
  ASSERT_EQ(report.sets.size(), 1u);
  EXPECT_EQ(report.sets[0].state, State::kIncomplete);
  EXPECT_TRUE(report.sets[0].contradicts);
  EXPECT_EQ(report.sets[0].members, 32u);
  EXPECT_EQ(report.counts.rejected_for(RejectReason::kRecovery), 33u);
}

TEST(ShredsReport, RejectsAndConflictsAreNamed) {
  ShredsReporter reporter(verified());
  reporter.add({});
  reporter.add(make_signed_set({.leader = 1}).shreds[0]);
  const SignedSet first = make_signed_set({.seed = 1});
  const SignedSet second = make_signed_set({.seed = 2});
  reporter.add(first.shreds[0]);
  reporter.add(second.shreds[0]);
  const auto json = nlohmann::json::parse(reporter.report().to_json());
  EXPECT_EQ(json["rejected"], (nlohmann::json{{"length", 1}, {"signature", 1}, {"conflict", 1}}));
  EXPECT_EQ(json["payloads"], 4);
  EXPECT_EQ(json["accepted"], 1);
  EXPECT_EQ(json["variants"], (nlohmann::json{{"0x96", 1}}));
  EXPECT_EQ(json["sets"], (nlohmann::json{{"complete", 0}, {"recovered", 0}, {"incomplete", 1}}));
  ASSERT_EQ(json["conflicts"].size(), 1u);
  EXPECT_EQ(json["conflicts"][0]["roots"], (nlohmann::json{to_hex(first.root), to_hex(second.root)}));
}

TEST(ShredsReport, WithoutALeaderSetsAreUnverifiedAndNotRejected) {
  ShredsReporter reporter({});
  add(reporter, make_signed_set({.leader = 3}), 0, 64);
  const ShredsReport report = reporter.report();
  EXPECT_FALSE(report.verified);
  EXPECT_EQ(report.sets_in(State::kComplete), 1u);
}

TEST(ShredsReport, ManyForgeriesHoldNothingBack) {
  ShredsReporter reporter(verified());
  // Enough accepted shreds to earn credit on top of the unlimited one.
  for (std::uint32_t s = 1; s < 6; ++s)
    add(reporter, make_signed_set({.fec_set_index = 32 * s}), 0, 32);
  std::vector<std::byte> forged = make_signed_set({}).shreds[0];
  for (int i = 0; i < 600; ++i) {
    forged[static_cast<std::size_t>(i) % 64] ^= static_cast<std::byte>(1 + i / 64);
    reporter.add(forged);
  }
  EXPECT_EQ(reporter.report().counts.held, 0u);
  EXPECT_EQ(reporter.add(make_signed_set({}).shreds[1]).outcome, ShredOutcome::kAccepted);
}

TEST(ShredsReport, FramesThatAreNoIpv4UdpAreCountedByReason) {
  ShredsReporter reporter(verified());
  reporter.add_frame({});
  std::vector<std::byte> arp(60);
  arp[12] = std::byte{0x08};
  arp[13] = std::byte{0x06};
  reporter.add_frame(arp);
  const ShredsReport report = reporter.report();
  EXPECT_EQ(report.frames, 2u);
  EXPECT_EQ(report.passed, (std::map<std::string, std::uint64_t>{{"short_frame", 1}, {"ethertype", 1}}));
  EXPECT_EQ(report.counts.added, 0u);
}

TEST(ShredsReport, AFileThatIsNoCaptureIsAnError) {
  EXPECT_FALSE(report_shreds("/nonexistent.pcap", {}));
}

TEST(ShredsReportFixture, GoldenCapture) {
  const auto path = testing::fixture("demo-shreds.pcap");
  if (!path) GTEST_SKIP() << testing::fixture_absent("demo-shreds.pcap");
  const auto report =
      report_shreds(*path, {.leader = array_from_hex<32>(testing::kGoldenLeader), .mode = RuleMode::kStrict});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->frames, 512u);
  EXPECT_TRUE(report->passed.empty());
  EXPECT_EQ(report->counts.accepted, 256u);
  EXPECT_EQ(report->counts.late, 256u);
  ASSERT_EQ(report->sets.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(report->sets[i].fec_set_index, testing::kGoldenSets[i].fec_set_index);
    EXPECT_EQ(to_hex(report->sets[i].root), testing::kGoldenSets[i].root);
    EXPECT_EQ(report->sets[i].state, State::kComplete);
  }
  const auto wrong_port = report_shreds(*path, {.port = 1});
  ASSERT_TRUE(wrong_port);
  EXPECT_EQ(wrong_port->passed, (std::map<std::string, std::uint64_t>{{"port", 512}}));
  const auto right_port = report_shreds(*path, {.port = 46049});
  ASSERT_TRUE(right_port);
  EXPECT_EQ(right_port->sets_in(State::kComplete), 8u);
}

TEST(ShredsReportFixture, TestnetCapture) {
  constexpr char kName[] = "testnet-385970984-arrival-order.pcap";
  const auto path = testing::fixture(kName);
  if (!path) GTEST_SKIP() << testing::fixture_absent(kName);
  for (const bool with_leader : {true, false}) {
    ShredsReportOptions options{.version = testing::kTestnetVersion};
    if (with_leader) options.leader = array_from_hex<32>(testing::kTestnetLeader);
    const auto report = report_shreds(*path, options);
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->by_slot, (std::map<std::uint64_t, std::uint64_t>{{testing::kTestnetSlot, 307}}));
    EXPECT_EQ(report->counts.duplicates, 16u);
    EXPECT_EQ(report->counts.late, 131u);
    ASSERT_EQ(report->sets.size(), 5u);
    constexpr std::uint32_t kMembers[] = {58, 61, 55, 59, 58};
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(to_hex(report->sets[i].root), testing::kTestnetSets[i].root);
      EXPECT_EQ(report->sets[i].state, State::kRecovered);
      EXPECT_EQ(report->sets[i].members, kMembers[i]);
    }
  }
}

}  // namespace
}  // namespace penstock
