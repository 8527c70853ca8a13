// Windows, readers beside the one that writes, and what the receive loop tells it.
#include "engine/receive/queue_meter.h"

#include <span>
#include <thread>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/receive/testing/xsk_rig.h"

namespace penstock {
namespace {

TEST(QueueMeter, APeakStandsForOneWindowAtLeastAndTwoAtMost) {
  constexpr Nanoseconds kStart = 1'000 * kSecond;
  QueueMeter meter;
  meter.turn(kStart);
  meter.add(64, 900);
  meter.add(64, 100);
  EXPECT_EQ(meter.frames(), 128u);
  EXPECT_EQ(meter.most_waiting(), 900u);
  meter.turn(kStart + QueueMeter::kWindow - 1);
  meter.turn(kStart + QueueMeter::kWindow);
  EXPECT_EQ(meter.most_waiting(), 900u);
  meter.add(10, 200);
  meter.turn(kStart + 2 * QueueMeter::kWindow - 1);
  EXPECT_EQ(meter.most_waiting(), 900u);
  meter.turn(kStart + 2 * QueueMeter::kWindow);
  EXPECT_EQ(meter.most_waiting(), 200u);
  meter.turn(kStart + 3 * QueueMeter::kWindow);
  EXPECT_EQ(meter.most_waiting(), 0u);
  EXPECT_EQ(meter.frames(), 138u);
}

TEST(QueueMeter, MayBeReadWhileItIsWritten) {
  QueueMeter meter;
  std::jthread writer([&] {
    for (int i = 1; i <= 10'000; ++i) {
      meter.add(2, 5);
      meter.turn(i * QueueMeter::kWindow);
      meter.add(1, 5);
    }
  });
  for (std::uint64_t last = 0; last < 30'000;) {
    const std::uint64_t now = meter.frames();
    ASSERT_GE(now, last);
    if (now >= 3) {
      ASSERT_EQ(meter.most_waiting(), 5u) << "also while a window turns";
    }
    last = now;
  }
}

TEST(QueueMeter, OfEachQueueOfTheReceiveLoop) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    XskRig rig(filter, {.queues = 2, .rx_entries = 256, .frames_per_queue = 512});
    for (int i = 0; i < 200; ++i)
      rig.deliver(0, taken_frame(100));
    rig.deliver(1, taken_frame(100));
    for (std::span<const Frag> frags = rig.receive().poll(); !frags.empty(); frags = rig.receive().poll())
      rig.receive().give_back(frags);
    EXPECT_EQ(rig.receive().meter(0).frames(), 200u);
    EXPECT_EQ(rig.receive().meter(0).most_waiting(), 200u);
    EXPECT_EQ(rig.receive().meter(1).frames(), 1u);
    EXPECT_EQ(rig.receive().meter(1).most_waiting(), 1u);
    for (int window = 1; window <= 2; ++window)
      rig.receive().turn_meters(window * QueueMeter::kWindow);
    EXPECT_EQ(rig.receive().meter(0).most_waiting(), 0u);
  }
}

}  // namespace
}  // namespace penstock
