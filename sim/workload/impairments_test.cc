// Every impairment by itself: how often, to whom, and what the ledger makes of it.
#include "sim/workload/impairments.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sim/workload/generator.h"
#include "sim/workload/ledger.h"

namespace penstock {
namespace {

constexpr std::uint64_t kShreds = 25 * 64 * 4;

Workload four_slots() {
  GeneratorConfig config{.profile = find_profile("first-light").value(),
                         .seed = 1,
                         .slots = 4,
                         .link = {.sender_mac = {{2, 0, 0, 0, 0, 1}},
                                  .receiver_mac = {{2, 0, 0, 0, 0, 2}},
                                  .receiver = {{10, 0, 0, 2}}}};
  return std::move(generate_unsigned(config)->workload);
}

ImpairmentCounts impaired(const Impairments& asked, Workload* workload) {
  const Result<ImpairmentCounts> counts = impair(asked, 7, workload);
  EXPECT_TRUE(counts) << counts.error().message();
  return counts ? *counts : ImpairmentCounts{};
}

Ledger ledger_of(const Workload& workload) {
  Ledger ledger(oracle_of(workload));
  ledger.add(workload);
  return ledger;
}

bool sorted(const Workload& workload) {
  return std::is_sorted(workload.frames().begin(), workload.frames().end(),
                        [](const TimedFrame& a, const TimedFrame& b) { return a.at < b.at; });
}

TEST(Impair, NothingAskedForChangesNothing) {
  Workload workload = four_slots();
  const std::string before = fingerprint(workload);
  const ImpairmentCounts counts = impaired({}, &workload);
  EXPECT_EQ(fingerprint(workload), before);
  EXPECT_EQ(counts.offered, kShreds);
}

TEST(Impair, SameSeedSameVictims) {
  const Impairments asked{
      .loss_ppm = 10'000, .corrupt_ppm = 10'000, .duplicate_ppm = 10'000, .reorder_ppm = 10'000};
  Workload a = four_slots(), b = four_slots();
  impaired(asked, &a);
  impaired(asked, &b);
  EXPECT_EQ(fingerprint(a), fingerprint(b));
}

TEST(Impair, LossTakesItsShareOfShredsAndNoNoise) {
  Workload workload = four_slots();
  const Ledger before = ledger_of(workload);
  const ImpairmentCounts counts = impaired({.loss_ppm = 100'000}, &workload);
  EXPECT_NEAR(static_cast<double>(counts.lost), 640, 60);
  const Ledger after = ledger_of(workload);
  EXPECT_EQ(after.fast().count(), kShreds - counts.lost);
  EXPECT_TRUE(after.passed() == before.passed());
}

TEST(Impair, ACertainLossTakesAll) {
  Workload workload = four_slots();
  EXPECT_EQ(impaired({.loss_ppm = 1'000'000}, &workload).lost, kShreds);
  EXPECT_EQ(ledger_of(workload).fast().count(), 0u);
}

// Lost in a row: with these numbers a burst lasts 20 frames and loses all of them.
TEST(Impair, BurstsLoseFramesInARow) {
  Workload workload = four_slots();
  std::vector<FrameOrigin> before;
  for (const TimedFrame& frame : workload.frames()) {
    if (frame.kind == FrameKind::kShred) before.push_back(frame.origin);
  }
  const ImpairmentCounts counts =
      impaired({.burst = {.begin_ppm = 2'000, .end_ppm = 50'000, .loss_ppm = 1'000'000}}, &workload);
  EXPECT_EQ(counts.lost, counts.lost_in_burst);
  EXPECT_GT(counts.lost, 50u);
  std::set<std::pair<std::uint32_t, std::uint8_t>> kept;
  for (const TimedFrame& frame : workload.frames()) {
    if (frame.kind == FrameKind::kShred) kept.emplace(frame.origin.set, frame.origin.member);
  }
  std::uint64_t runs = 0;
  bool was_lost = false;
  for (const FrameOrigin& origin : before) {
    const bool lost = !kept.contains({origin.set, origin.member});
    runs += lost && !was_lost;
    was_lost = lost;
  }
  ASSERT_GT(runs, 0u);
  EXPECT_GT(counts.lost / runs, 5u);
}

TEST(Impair, DuplicatesAreTheSameBytesLater) {
  Workload workload = four_slots();
  const ImpairmentCounts counts =
      impaired({.duplicate_ppm = 270'000, .duplicate_after = {kMillisecond, kMillisecond}}, &workload);
  EXPECT_NEAR(static_cast<double>(counts.duplicated), 1'728, 120);
  EXPECT_EQ(ledger_of(workload).fast().count(), kShreds + counts.duplicated);
  std::map<const std::byte*, Nanoseconds> first;
  for (const TimedFrame& frame : workload.frames()) {
    if (frame.origin.copy == 0) first[frame.bytes.data()] = frame.at;
  }
  for (const TimedFrame& frame : workload.frames()) {
    if (frame.origin.copy == 0) continue;
    EXPECT_EQ(frame.at - first.at(frame.bytes.data()), kMillisecond);
  }
  EXPECT_TRUE(sorted(workload));
}

TEST(Impair, ReorderingHoldsFramesBack) {
  Workload workload = four_slots();
  const ImpairmentCounts counts = impaired({.reorder_ppm = 100'000}, &workload);
  EXPECT_NEAR(static_cast<double>(counts.reordered), 640, 60);
  EXPECT_TRUE(sorted(workload));
  std::uint64_t overtaken = 0;
  std::uint32_t latest = 0;
  for (const TimedFrame& frame : workload.frames()) {
    if (frame.kind != FrameKind::kShred) continue;
    const std::uint32_t number = frame.origin.set * 64 + frame.origin.member;
    overtaken += number < latest;
    latest = std::max(latest, number);
  }
  EXPECT_GT(overtaken,
            counts.reordered * 9 / 10);  // frames are 250 microseconds apart, held back 1 ms or more
  EXPECT_EQ(ledger_of(workload).sets(), (SetStates{.complete = 100}));
}

TEST(Impair, DelayMovesEveryFrameInScope) {
  Workload workload = four_slots();
  impaired({.delay = {kSecond, kSecond}}, &workload);
  for (const TimedFrame& frame : workload.frames()) {
    if (frame.kind == FrameKind::kShred) {
      EXPECT_EQ(frame.at, kSecond + (frame.origin.set * 64 + frame.origin.member) * kSecond / 4'000);
    } else {
      EXPECT_LT(frame.at, 1'600 * kMillisecond);
    }
  }
}

TEST(Impair, CorruptPayloadsReachEveryPath) {
  Workload workload = four_slots();
  const Ledger before = ledger_of(workload);
  const ImpairmentCounts counts = impaired({.corrupt_ppm = 50'000}, &workload);
  EXPECT_NEAR(static_cast<double>(counts.corrupted), 320, 50);
  const Ledger after = ledger_of(workload);
  EXPECT_EQ(after.fast().count(), before.fast().count());
  EXPECT_FALSE(after.fast() == before.fast());
  EXPECT_EQ(after.of_kind(FrameKind::kImpaired).frames, counts.corrupted);
  EXPECT_EQ(after.sets().complete + after.sets().recovered, 100u);
  EXPECT_GT(after.sets().recovered, 80u);  // nearly every set of 64 lost one or more of its members
}

// On the wire the same flips hit headers and checksums: most leave a wrong UDP checksum, some a frame
// that is no longer ours.
TEST(Impair, CorruptionOnTheWireLeavesChecksumsWrong) {
  Workload workload = four_slots();
  const ImpairmentCounts counts =
      impaired({.corrupt_ppm = 200'000, .corruption = Corruption::kWire}, &workload);
  const Ledger after = ledger_of(workload);
  EXPECT_GT(after.unchecked().count(), counts.corrupted * 9 / 10);
  EXPECT_LT(after.unchecked().count(), counts.corrupted);
  const MacAddress sender = workload.info().link.sender_mac;
  for (const TimedFrame& frame : workload.frames()) {
    EXPECT_TRUE(std::equal(sender.bytes.begin(), sender.bytes.end(),
                           reinterpret_cast<const std::uint8_t*>(&frame.bytes[6])));
  }
}

TEST(Impair, TruncatedFramesAreNoLongerOurs) {
  Workload workload = four_slots();
  const ImpairmentCounts counts = impaired({.truncate_ppm = 50'000}, &workload);
  EXPECT_NEAR(static_cast<double>(counts.truncated), 320, 50);
  EXPECT_EQ(ledger_of(workload).fast().count(), kShreds - counts.truncated);
  for (const TimedFrame& frame : workload.frames())
    EXPECT_GE(frame.bytes.size(), 14u);
}

TEST(Impair, EverythingMeansNoiseToo) {
  Workload workload = four_slots();
  const std::uint64_t all = workload.frames().size();
  EXPECT_EQ(impaired({.everything = true, .loss_ppm = 1'000'000}, &workload).lost, all);
  EXPECT_TRUE(workload.frames().empty());
}

void expect_refused(const Impairments& asked, std::string_view text) {
  Workload workload = four_slots();
  const std::string before = fingerprint(workload);
  const Result<ImpairmentCounts> counts = impair(asked, 1, &workload);
  ASSERT_FALSE(counts);
  EXPECT_NE(counts.error().message().find(text), std::string::npos) << counts.error().message();
  EXPECT_EQ(fingerprint(workload), before);
}

TEST(Impair, RefusesWhatCannotBeApplied) {
  expect_refused({.loss_ppm = 1'000'001}, "loss of 1000001 parts in a million");
  expect_refused({.burst = {.end_ppm = 2'000'000}}, "burst end of 2000000");
  expect_refused({.reorder_by = {2, 1}}, "reorder by from 2 to 1 ns");
  expect_refused({.delay = {-1, 1}}, "delay from -1 to 1 ns");
  expect_refused({.everything = true, .corrupt_ppm = 1}, "has no UDP payload to corrupt");
}

TEST(Impair, RefusesAWorkloadWithNothingInScope) {
  Workload workload({.profile = "empty"});
  EXPECT_FALSE(impair({.loss_ppm = 1}, 1, &workload));
}

}  // namespace
}  // namespace penstock
