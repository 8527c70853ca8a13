// Due times by each pace, and the judgement of a run's rate.
#include "sim/replay/schedule.h"

#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::vector<TimedFrame> frames_at(std::initializer_list<Nanoseconds> times) {
  std::vector<TimedFrame> frames;
  for (const Nanoseconds at : times)
    frames.push_back({.at = at});
  return frames;
}

TEST(Schedule, WorkloadTimesCountFromTheFirstFrame) {
  const auto frames = frames_at({500, 500, 900});
  const Schedule schedule(frames, Pace::kWorkload, 0);
  EXPECT_EQ(schedule.due(0), 0);
  EXPECT_EQ(schedule.due(1), 0);
  EXPECT_EQ(schedule.due(2), 400);
  EXPECT_EQ(schedule.duration(), 400);
}

TEST(Schedule, FixedRateIgnoresTheWorkloadsTimes) {
  const auto frames = frames_at({0, 7, 7, 7});
  const Schedule schedule(frames, Pace::kFixedRate, 3'000'000);
  EXPECT_EQ(schedule.due(1), 333);
  EXPECT_EQ(schedule.due(3), 1'000);
}

TEST(Schedule, FlatOutIsAlwaysDueAndNeverMissed) {
  const auto frames = frames_at({0, kSecond});
  const Schedule schedule(frames, Pace::kFlatOut, 0);
  EXPECT_EQ(schedule.due(1), 0);
  EXPECT_FALSE(schedule.missed(kSecond));
}

TEST(Schedule, OfNoFramesLastsNoTime) {
  const Schedule schedule({}, Pace::kWorkload, 0);
  EXPECT_EQ(schedule.duration(), 0);
  EXPECT_FALSE(schedule.missed(kSecond));
}

TEST(Schedule, MissesBeyondOnePercentAndTheGrace) {
  const auto frames = frames_at({0, 10 * kSecond});
  const Schedule schedule(frames, Pace::kWorkload, 0);
  const Nanoseconds most = 100 * kMillisecond + kRateGrace;
  EXPECT_FALSE(schedule.missed(10 * kSecond));
  EXPECT_FALSE(schedule.missed(10 * kSecond + most));
  EXPECT_TRUE(schedule.missed(10 * kSecond + most + 1));
  EXPECT_FALSE(schedule.missed(10 * kSecond - most));
  EXPECT_TRUE(schedule.missed(10 * kSecond - most - 1));
}

TEST(Nap, EndsAtAMultipleOfItsLengthAndNeverEarlyNorBehindTheLastFrame) {
  EXPECT_EQ(nap_until(0, kSecond), 0);
  EXPECT_EQ(nap_until(1, kSecond), kNap);
  EXPECT_EQ(nap_until(kNap, kSecond), kNap);
  EXPECT_EQ(nap_until(kNap + 1, kSecond), 2 * kNap);
  EXPECT_EQ(nap_until(kNap + 1, kNap + 5), kNap + 5);
  for (Nanoseconds due = 0; due < 10 * kNap; due += 1'237)
    EXPECT_GE(nap_until(due, 5 * kNap), due);
}

TEST(ScheduleDeathTest, FixedRateNeedsARate) {
  EXPECT_DEATH(Schedule({}, Pace::kFixedRate, 0), "CHECK");
}

}  // namespace
}  // namespace penstock
