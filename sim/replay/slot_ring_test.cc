// The slot ring without a kernel: the user side and the program's own steps over ordinary memory.
#include "sim/replay/slot_ring.h"

#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr std::uint64_t kSlots = 128;
constexpr std::uint64_t kBatch = PENSTOCK_GENERATOR_BATCH;

std::vector<std::byte> frame_of(std::uint64_t number) {
  std::vector<std::byte> frame(60 + number % 1'000);
  std::memcpy(frame.data(), &number, sizeof(number));
  frame.back() = static_cast<std::byte>(number);
  return frame;
}

class SlotRingTest : public testing::Test {
 protected:
  // What the program does with one run when nothing is paced.
  std::optional<std::vector<std::byte>> take() {
    if (!penstock_generator_filled(&shared_)) return std::nullopt;
    const penstock_slot& slot = slots_[shared_.next & (kSlots - 1)];
    const auto bytes = std::as_bytes(std::span(slot.bytes)).first(slot.length);
    std::vector<std::byte> frame(bytes.begin(), bytes.end());
    penstock_generator_sent(&shared_);
    return frame;
  }
  penstock_generator_step due(std::uint64_t due, std::uint64_t now) {
    return penstock_generator_due(&shared_, due, gap_, now);
  }

  std::vector<penstock_slot> slots_{kSlots};
  penstock_generator shared_{};
  SlotRing ring_{slots_, shared_};
  std::uint64_t gap_ = 0;
};

TEST_F(SlotRingTest, NothingIsSeenBeforePublish) {
  shared_.total = 1;
  ring_.push(frame_of(0), 0);
  EXPECT_FALSE(take());
  EXPECT_EQ(shared_.starved, 1u);
  ring_.publish();
  EXPECT_EQ(take(), frame_of(0));
}

TEST_F(SlotRingTest, FramesOfEveryLengthComeOutInOrderOverManyWraps) {
  constexpr std::uint64_t kFrames = 20 * kSlots + 7;
  shared_.total = kFrames;
  std::uint64_t pushed = 0, taken = 0;
  while (taken < kFrames) {
    // Uneven steps, so that the two meet at every place of the ring.
    for (std::uint64_t i = 0; i < 37 && pushed < kFrames && ring_.room(1) > 0; ++i)
      ring_.push(frame_of(pushed++), 0);
    ring_.publish();
    for (int i = 0; i < 23; ++i) {
      const auto frame = take();
      if (!frame) break;
      ASSERT_EQ(*frame, frame_of(taken)) << taken;
      ++taken;
    }
  }
  EXPECT_EQ(ring_.written(), kFrames);
  EXPECT_FALSE(take());
  EXPECT_GE(shared_.finished, 1u);
  EXPECT_EQ(ring_.consumed(), kFrames);
}

TEST_F(SlotRingTest, AFullRingHasNoRoomUntilABatchIsPublished) {
  shared_.total = 2 * kSlots;
  for (std::uint64_t i = 0; i < kSlots; ++i)
    ring_.push(frame_of(i), 0);
  ring_.publish();
  EXPECT_EQ(ring_.room(1), 0u);
  for (std::uint64_t i = 0; i + 1 < kBatch; ++i)
    ASSERT_TRUE(take());
  EXPECT_EQ(ring_.room(1), 0u);
  ASSERT_TRUE(take());
  EXPECT_EQ(ring_.room(1), kBatch);
}

TEST_F(SlotRingTest, AProgramThatFindsNothingPublishesWhatItTook) {
  shared_.total = 10;
  for (std::uint64_t i = 0; i < 3; ++i)
    ring_.push(frame_of(i), 0);
  ring_.publish();
  while (take()) {
  }
  EXPECT_EQ(ring_.consumed(), 3u);
  EXPECT_EQ(shared_.starved, 1u);
  EXPECT_EQ(shared_.finished, 0u);
}

TEST_F(SlotRingTest, TheFirstFrameSetsTheStartAndNoneIsEarly) {
  EXPECT_EQ(due(0, 1'000), PENSTOCK_SEND);
  EXPECT_EQ(due(500, 1'499), PENSTOCK_EARLY);
  EXPECT_EQ(due(500, 1'500), PENSTOCK_SEND);
  EXPECT_EQ(due(600, 1'750), PENSTOCK_SEND);
  EXPECT_EQ(shared_.skipped, 1u);
  EXPECT_EQ(shared_.late, 150u);
  EXPECT_EQ(shared_.start, 1'000u);
  EXPECT_EQ(shared_.last, 1'750u);
}

TEST_F(SlotRingTest, ABurstLeavesAtOnce) {
  gap_ = 100;
  for (std::uint64_t burst = 0; burst < 5; ++burst) {
    const std::uint64_t now = 1'000'000 + burst * 2 * kBatch * gap_;
    for (std::uint64_t i = 0; i < kBatch; ++i)
      ASSERT_EQ(due(burst * 2 * kBatch * gap_, now), PENSTOCK_SEND) << burst << " " << i;
  }
}

TEST_F(SlotRingTest, ALateSenderCatchesUpAtTheGap) {
  gap_ = 100;
  const std::uint64_t start = 1'000'000;
  ASSERT_EQ(due(0, start), PENSTOCK_SEND);
  const std::uint64_t back = start + 1'000'000;  // everything below is overdue
  for (std::uint64_t i = 0; i <= kBatch; ++i)
    ASSERT_EQ(due(1, back), PENSTOCK_SEND) << i;
  EXPECT_EQ(due(1, back), PENSTOCK_EARLY);
  EXPECT_EQ(due(1, back + gap_ - 1), PENSTOCK_EARLY);
  EXPECT_EQ(due(1, back + gap_), PENSTOCK_SEND);
  EXPECT_EQ(due(1, back + gap_), PENSTOCK_EARLY);
  EXPECT_EQ(due(1, back + 2 * gap_), PENSTOCK_SEND);
}

TEST_F(SlotRingTest, WithoutAGapEverythingLateLeavesAtOnce) {
  ASSERT_EQ(due(0, 1'000'000), PENSTOCK_SEND);
  for (int i = 0; i < 10'000; ++i)
    ASSERT_EQ(due(1, 2'000'000), PENSTOCK_SEND);
}

// Under the thread sanitizer this is the proof of the memory order, as far as C++ can see it.
TEST_F(SlotRingTest, TwoThreadsLoseNothing) {
  constexpr std::uint64_t kFrames = 50'000;
  shared_.total = kFrames;
  std::thread program([this] {
    for (std::uint64_t taken = 0; taken < kFrames;) {
      const auto frame = take();
      if (!frame) continue;
      ASSERT_EQ(*frame, frame_of(taken));
      ++taken;
    }
    penstock_generator_publish(&shared_);
  });
  while (ring_.written() < kFrames) {
    if (ring_.room(1) == 0) {
      std::this_thread::yield();
      continue;
    }
    ring_.push(frame_of(ring_.written()), 0);
    ring_.publish();
  }
  program.join();
  EXPECT_EQ(ring_.consumed(), kFrames);
}

}  // namespace
}  // namespace penstock
