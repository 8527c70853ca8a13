// Waking the kernel's receive side: drivers that stop and ask, copy mode that never asks, and an interface
// that is down. The book of frames (law 3) is read after every step of every case.
#include <errno.h>

#include <cstdint>
#include <memory>

#include <gtest/gtest.h>

#include "sim/nic_model/ring_world.h"
#include "sim/nic_model/testing/ring_rig.h"

namespace penstock {
namespace {

// Drivers that stop when they find no frame to fill, and ask for a wake-up now or later. Nothing may be
// lost by that as long as their own ring holds, and nothing may hang.
class Waking : public testing::TestWithParam<Nanoseconds> {};

TEST_P(Waking, AStoppedQueueGoesOnHoweverLateItsFlagIs) {
  RingEngineConfig config = small_ring(Filter::kKernel);
  config.rx_entries = 16;
  config.fill_frames = 8;  // the RX ring always has room for them
  config.nic.waking = NicConfig::Waking::kOnEmptyFill;
  config.nic.flag_delay = GetParam();
  RingRig world(config);
  for (int round = 0; round < 20; ++round) {
    world.happen(RingEvent::kStallConsumer);
    world.send_ours(20, 20 * kMicrosecond);  // eight frames: it stops at the ninth
    world.happen(RingEvent::kResumeConsumer);
    world.pass_time(20 * kMillisecond);
  }
  world.finish();
  EXPECT_EQ(world.delivered.size(), 400u);
  EXPECT_EQ(world.c.get(Counter::kRxDropped), 0u);
  EXPECT_GE(world.c.get(Counter::kRxFillRingEmpty), 20u);
  EXPECT_GE(world.c.get(Counter::kRxWakeups), 20u);
}

INSTANTIATE_TEST_SUITE_P(FlagDelays, Waking,
                         testing::Values(0, kMicrosecond, 300 * kMicrosecond, 3 * kMillisecond, kSecond));

TEST(RingWorld, CopyModeIsNeverWokenForFrames) {
  RingRig world(small_ring(Filter::kKernel));
  world.happen(RingEvent::kStallConsumer);
  world.send_ours(200, 20 * kMicrosecond);
  world.pass_time(kMillisecond);
  world.happen(RingEvent::kResumeConsumer);
  world.send_ours(1, 20 * kMicrosecond);
  const std::uint64_t before_idle = world.engine().kernel().wakeups();
  world.finish();
  EXPECT_EQ(world.delivered.size(), 129u);
  EXPECT_LE(before_idle, 1u) << "only an idle wait asks the socket for its state";
}

TEST(RingWorld, AnInterfaceThatGoesAwayEndsTheRunWithItsErrno) {
  RingEngineConfig config = small_ring(Filter::kKernel);
  Result<std::unique_ptr<RingEngine>> engine = RingEngine::open(config, [](auto) {});
  ASSERT_TRUE(engine);
  (*engine)->kernel().fail_wakeups_with(ENXIO);
  RingWorld world(**engine, [](const Frag&, auto) {});
  const Status finished = world.finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ENXIO);
}

TEST(RingWorld, AnInterfaceThatIsDownLosesUnderItsNameAndReceivesAgain) {
  RingRig world(small_ring(Filter::kKernel));
  world.send_ours(10, 20 * kMicrosecond);
  world.pass_time(20 * kMillisecond);
  world.happen(RingEvent::kResumeEngine);  // which it is: only the time passes
  world.engine().nic().set_link(false);
  world.send_ours(10, 2 * kMillisecond);
  world.engine().nic().set_link(true);
  world.send_ours(10, 20 * kMicrosecond);
  world.finish();
  EXPECT_EQ(world.engine().nic().link_drop(), 10u);
  EXPECT_EQ(world.delivered.size(), 20u);
}

}  // namespace
}  // namespace penstock
