// Which losses are the machine's to explain, and which are not.
#include "sim/scenario/loss_excuse.h"

#include <gtest/gtest.h>

#include "sim/workload/workload.h"

namespace penstock {
namespace {

constexpr std::size_t kFrames = 200'000;  // two seconds at 100,000 a second
constexpr std::uint64_t kRing = 32'768;   // lasts 328 ms

class LossExcuse : public ::testing::Test {
 protected:
  static CpuWait waited(Nanoseconds time) { return {.since = 1, .until = 1 + time, .waited = time}; }

  std::string excuse(const LossFacts& facts) const { return excuse_of(facts, schedule_, kFrames); }

 private:
  std::vector<TimedFrame> frames_{kFrames};
  Schedule schedule_{frames_, Pace::kFixedRate, 100'000};
};

TEST_F(LossExcuse, OtherProgramsHadTheCoreForLongerThanTheRingLasts) {
  const std::string said = excuse({.lost = 7'000, .ring = kRing, .waits = {waited(400 * kMillisecond)}});
  EXPECT_EQ(
      said,
      "other programs had the engine's core for 400 ms, in which more frames came than its ring of 32,768 "
      "holds: that 7,000 were lost says nothing about the engine");
}

TEST_F(LossExcuse, AHealthyMachineHasNone) {
  EXPECT_EQ(excuse({.lost = 1, .ring = kRing}), "") << "it never waited";
  EXPECT_EQ(excuse({.lost = 1, .ring = kRing, .waits = {waited(20 * kMillisecond)}}), "");
  EXPECT_EQ(excuse({.lost = 1, .ring = kRing, .waits = {waited(300 * kMillisecond)}}), "")
      << "the ring lasts longer";
}

TEST_F(LossExcuse, MoreWasLostThanCameMeanwhile) {
  const std::vector<CpuWait> waits = {waited(400 * kMillisecond)};
  // 40,001 frames came, of which the ring had places for 32,768.
  EXPECT_NE(excuse({.lost = 7'233, .ring = kRing, .waits = waits}), "");
  EXPECT_EQ(excuse({.lost = 7'234, .ring = kRing, .waits = waits}), "");
}

TEST_F(LossExcuse, StretchesAddUpOnlyWhereEachOverflowsTheRing) {
  const CpuWait longer = waited(400 * kMillisecond), shorter = waited(200 * kMillisecond);
  EXPECT_NE(excuse({.lost = 14'000, .ring = kRing, .waits = {longer, longer}}), "");
  EXPECT_EQ(excuse({.lost = 14'000, .ring = kRing, .waits = {longer, shorter, shorter, shorter}}), "");
  EXPECT_EQ(excuse({.lost = 1, .ring = kRing, .waits = {shorter, shorter, shorter}}), "")
      << "it caught up in between";
}

TEST_F(LossExcuse, WhatAHypervisorTookAndALateSenderCount) {
  EXPECT_NE(excuse({.lost = 100, .ring = kRing, .stolen = 400 * kMillisecond}), "");
  EXPECT_NE(excuse({.lost = 100,
                    .ring = kRing,
                    .waits = {waited(300 * kMillisecond)},
                    .sender_lateness = 50 * kMillisecond}),
            "");
  EXPECT_EQ(excuse({.lost = 100, .ring = kRing, .sender_lateness = 900 * kMillisecond}), "")
      << "a late sender alone is judged by its rate";
}

TEST_F(LossExcuse, AWorkloadThatFitsTheRingIsNeverLostForThat) {
  EXPECT_EQ(excuse({.lost = 1, .ring = kFrames, .waits = {waited(10 * kSecond)}}), "");
}

TEST(MostDue, FindsTheBurst) {
  std::vector<TimedFrame> frames(6);
  constexpr Nanoseconds kTimes[] = {0, 10, 20, 21, 22, 40};
  for (std::size_t i = 0; i < frames.size(); ++i)
    frames[i].at = kTimes[i];
  const Schedule schedule(frames, Pace::kWorkload, 0);
  EXPECT_EQ(most_due(schedule, frames.size(), 0), 1u);
  EXPECT_EQ(most_due(schedule, frames.size(), 2), 3u);
  EXPECT_EQ(most_due(schedule, frames.size(), 12), 4u);
  EXPECT_EQ(most_due(schedule, frames.size(), 100), 6u);
  EXPECT_EQ(most_due(schedule, 0, 100), 0u);
}

}  // namespace
}  // namespace penstock
