// The engine over the simulated NIC: without loss, and with each kind of loss. The book of frames (law 3) is
// read after every step of every case.
#include "sim/nic_model/ring_world.h"

#include <errno.h>

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "engine/packet/frame_builder.h"
#include "sim/nic_model/testing/ring_rig.h"

namespace penstock {
namespace {

struct Shape {
  Filter filter;
  std::uint32_t queues;
  std::uint32_t rx_entries;
  std::uint32_t first_index;
};

class LosslessRun : public testing::TestWithParam<Shape> {};

TEST_P(LosslessRun, DeliversEveryDatagramOnceInOrderAndTheHostGetsTheRest) {
  RingEngineConfig config = small_ring(GetParam().filter);
  config.nic.queues = GetParam().queues;
  config.rx_entries = GetParam().rx_entries;
  config.first_index = GetParam().first_index;
  RingRig world(config);
  std::uint32_t ours = 0;
  for (int i = 0; i < 3000; ++i) {
    // Spaced so that an RX ring of four never has more than that between two turns of the engine.
    world.send(i % 3 == 0 ? kOtherPort : kPort, static_cast<std::uint16_t>(1000 + i % 50), 8 * kMicrosecond);
    if (i % 3 != 0) ++ours;
  }
  world.finish();
  EXPECT_EQ(world.delivered.size(), ours);
  EXPECT_TRUE(world.order_kept);
  EXPECT_EQ(world.host_frames, 3000 - ours);
  EXPECT_EQ(world.by_queue.size(), GetParam().queues) << "every queue has its share";
  EXPECT_EQ(world.c.get(Counter::kRxRingFull) + world.c.get(Counter::kRxDropped), 0u);
  EXPECT_EQ(world.engine().nic().total().ring_drop, 0u);
  const std::size_t owned =
      world.engine().sockets() * std::size_t{default_fill_frames(GetParam().rx_entries, false)};
  EXPECT_EQ(world.engine().book().count(FrameBook::Place::kFill), owned) << "every frame is back";
  EXPECT_GT(world.engine().book().steps(), 3000u);
}

INSTANTIATE_TEST_SUITE_P(Shapes, LosslessRun,
                         testing::Values(Shape{Filter::kKernel, 1, 4, 0},
                                         Shape{Filter::kKernel, 1, 4, 0xffff'fffd},
                                         Shape{Filter::kKernel, 4, 64, 0xffff'fff0},
                                         Shape{Filter::kUserspace, 1, 4, 0xffff'ffff},
                                         Shape{Filter::kUserspace, 3, 8, 0xffff'ff80},
                                         Shape{Filter::kUserspace, 2, 2048, 0xffff'0000}));

TEST(RingWorld, AFullRxRingLosesWhatItMustAndGoesOn) {
  for (const std::uint32_t first_index : {0u, 0xffff'ffe0u}) {
    RingEngineConfig config = small_ring(Filter::kKernel);
    config.first_index = first_index;
    RingRig world(config);
    world.send_ours(100, 10 * kMicrosecond);
    world.happen(RingEvent::kStallEngine);
    world.send_ours(100, 10 * kMicrosecond);
    world.happen(RingEvent::kResumeEngine);
    world.pass_time(kMillisecond);
    world.send_ours(100, 10 * kMicrosecond);
    world.finish();
    EXPECT_EQ(world.c.get(Counter::kRxDropped), 0u);
    // The ring's 64, less what it held already when the engine stalled, more what came at that moment.
    EXPECT_NEAR(static_cast<double>(world.c.get(Counter::kRxRingFull)), 36, 4);
    EXPECT_EQ(world.delivered.size(), 300 - world.c.get(Counter::kRxRingFull));
    EXPECT_EQ(world.engine().book().count(FrameBook::Place::kKernel), 0u) << "the kept frame was used first";
  }
}

TEST(RingWorld, AConsumerThatKeepsFramesStarvesTheFillRingAndTheAccountStillCloses) {
  RingRig world(small_ring(Filter::kKernel));
  world.happen(RingEvent::kStallConsumer);
  world.send_ours(200, 20 * kMicrosecond);
  world.pass_time(kMillisecond);
  world.happen(RingEvent::kResumeConsumer);
  world.send_ours(100, 20 * kMicrosecond);
  world.finish();
  EXPECT_EQ(world.c.get(Counter::kRxDropped), 72u) << "128 frames, 200 sent";
  EXPECT_EQ(world.c.get(Counter::kRxFillRingEmpty), 72u);
  EXPECT_EQ(world.c.get(Counter::kRxRingFull), 0u);
  EXPECT_EQ(world.delivered.size(), 228u);
}

TEST(RingWorld, ABurstBeyondTheNicsOwnRingIsItsLossNotTheEngines) {
  RingEngineConfig config = small_ring(Filter::kKernel);
  config.nic.device_ring = 16;
  RingRig world(config);
  world.send_ours(50, 1);  // 50 ns for 50 frames: before the NIC's first poll
  world.finish();
  EXPECT_EQ(world.engine().nic().total().ring_drop, 34u);
  EXPECT_EQ(world.delivered.size(), 16u);
}

TEST(RingWorld, WhatIsLostOnTheWireNeverReachesTheNic) {
  RingRig world(small_ring(Filter::kKernel));
  world.send_ours(10, 10 * kMicrosecond);
  world.engine().nic().lose_on_wire(7);
  world.send_ours(20, 10 * kMicrosecond);
  world.finish();
  EXPECT_EQ(world.engine().nic().wire_drop(), 7u);
  EXPECT_EQ(world.engine().nic().total().rx_packets, 23u);
  EXPECT_EQ(world.delivered.size(), 23u);
}

TEST(RingWorld, AQueueWithASocketStaysAndTheOthersComeAndGo) {
  RingEngineConfig config = small_ring(Filter::kKernel);
  config.nic.queues = 2;
  RingRig world(config);
  NicModel& nic = world.engine().nic();
  EXPECT_EQ(nic.set_queues(1), EINVAL) << "the second has a socket";
  EXPECT_EQ(nic.set_queues(0), EINVAL);
  world.send_ours(100, 10 * kMicrosecond, 50);
  EXPECT_EQ(world.host_frames, 0u);

  ASSERT_EQ(nic.set_queues(4), 0);
  world.send_ours(100, 10 * kMicrosecond, 50);
  world.pass_time(kMillisecond);
  world.happen(RingEvent::kResumeEngine);  // which it is: only the time passes
  const std::uint64_t passed = world.host_frames;
  EXPECT_GT(passed, 0u) << "the new queues have no socket";

  world.send_ours(50, 1, 50);  // before the NIC's next poll
  ASSERT_EQ(nic.set_queues(2), 0);
  EXPECT_GT(nic.queue_drop(), 0u) << "what stood in the queues that went";
  world.send_ours(100, 10 * kMicrosecond, 50);
  world.finish();
  EXPECT_EQ(world.host_frames, passed);
  EXPECT_EQ(world.delivered.size() + world.host_frames + nic.queue_drop(), 350u);
}

TEST(RingWorld, AQueueWithoutASocketIsTheHosts) {
  RingEngineConfig config = small_ring(Filter::kKernel);
  config.nic.queues = 4;
  config.sockets = 1;
  RingRig world(config);
  world.send_ours(400, 10 * kMicrosecond, 100);
  world.finish();
  EXPECT_EQ(world.delivered.size() + world.host_frames, 400u);
  EXPECT_GT(world.delivered.size(), 0u);
  EXPECT_EQ(world.c.get(Counter::kXdpPass, PENSTOCK_NO_SOCKET), world.host_frames);
  EXPECT_GT(world.host_frames, world.delivered.size());
}

TEST(RingWorld, AnEngineThatHangsBehindTakeAllLeavesTheHostItsTraffic) {
  RingRig world(small_ring(Filter::kUserspace));
  world.happen(RingEvent::kStallEngine);
  for (int i = 0; i < 40; ++i)
    world.send(kOtherPort, 1000, 10 * kMillisecond);
  EXPECT_GE(world.host_frames, 28u) << "from 100 ms on";
  world.happen(RingEvent::kResumeEngine);
  world.send(kOtherPort, 1000, 10 * kMillisecond);
  world.finish();
  EXPECT_EQ(world.host_frames, 41u);
  EXPECT_GE(world.c.get(Counter::kXdpPass, PENSTOCK_ENGINE_STALLED), 28u);
  EXPECT_GE(world.c.get(Counter::kReturnWritten), 1u);
}

TEST(RingWorld, ScopeUdpKeepsTheRestInTheKernel) {
  RingEngineConfig config = small_ring(Filter::kUserspace);
  config.scope = PENSTOCK_SCOPE_UDP;
  RingRig world(config);
  world.send(kOtherPort, 1000, 10);
  world.send_frame(FrameBuilder().add(EthernetHeader{.ethertype = kEthertypeArp}).pad_to(60).build(), 10);
  world.finish();
  EXPECT_EQ(world.c.get(Counter::kXdpPass, PENSTOCK_ETHERTYPE), 1u);
  EXPECT_EQ(world.c.get(Counter::kReturnWritten), 1u);
}

// The same input gives the same run, to the nanosecond and to the last system call.
TEST(RingWorld, IsTheSameEveryTime) {
  std::vector<CounterSnapshot> runs;
  for (int i = 0; i < 2; ++i) {
    RingRig world(small_ring(Filter::kUserspace));
    for (int k = 0; k < 500; ++k)
      world.send(k % 2 == 0 ? kPort : kOtherPort, static_cast<std::uint16_t>(k), k * 37 % 5000);
    world.finish();
    runs.push_back(world.c);
  }
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace penstock
