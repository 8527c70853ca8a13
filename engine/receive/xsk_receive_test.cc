// The receive loop over the fake kernel: delivery, refusals, conservation of frames, wake-ups.
#include "engine/receive/xsk_receive.h"

#include <errno.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/receive/testing/xsk_rig.h"

namespace penstock {
namespace {

TEST(XskReceive, HandsOutADatagramWithItsAddressesAndTakesTheFrameBack) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    XskRig rig(filter, {});
    const std::vector<std::byte> frame = taken_frame(1203);
    ASSERT_EQ(rig.deliver(0, frame), FakeKernel::Outcome::kQueued);
    const std::span<const Frag> frags = rig.receive().poll();
    ASSERT_EQ(frags.size(), 1u) << "one frame does not wait for a batch to fill";
    EXPECT_EQ(frags[0].source.to_string(), "192.0.2.1");
    EXPECT_EQ(frags[0].destination.to_string(), "10.1.0.2");
    EXPECT_EQ(frags[0].source_port, 8006);
    EXPECT_EQ(frags[0].destination_port, 8003);
    EXPECT_EQ(frags[0].port_index, 0);
    const auto payload = rig.payload(frags[0]);
    ASSERT_EQ(payload.size(), 1203u);
    EXPECT_EQ(std::memcmp(payload.data(), frame.data() + 42, payload.size()), 0);
    rig.expect_frames_conserved(frags);
    rig.receive().give_back(frags);
    rig.expect_frames_conserved({});
    EXPECT_EQ(rig.counters().get(Counter::kPublished, 0), 1u);
    EXPECT_EQ(rig.counters().get(Counter::kPublishedBytes, 0), 1203u);
    EXPECT_EQ(rig.counters().get(Counter::kRxBytes), 1245u);
  }
}

TEST(XskReceive, UserspaceFilterCountsEveryRowUnderItsReason) {
  XskRig rig(Filter::kUserspace, {.max_payload = 65535});
  for (const FrameRow& row : frame_rows()) {
    if (row.frame.size() > 1792) continue;  // such a frame never reaches the RX ring
    const CounterSnapshot before = rig.counters();
    ASSERT_EQ(rig.deliver(0, row.frame), FakeKernel::Outcome::kQueued) << row.name;
    const std::span<const Frag> frags = rig.receive().poll();
    const CounterSnapshot delta = rig.counters().since(before);
    if (row.reason == PENSTOCK_TAKEN) {
      ASSERT_EQ(frags.size(), 1u) << row.name;
      EXPECT_EQ(frags[0].length, row.payload_bytes) << row.name;
    } else {
      EXPECT_TRUE(frags.empty()) << row.name;
      EXPECT_EQ(delta.get(Counter::kFilterPass, row.reason), 1u) << row.name;
      EXPECT_EQ(delta.get(Counter::kReturnedToHost), 1u) << row.name;
    }
    rig.receive().give_back(frags);
    rig.expect_frames_conserved({});
  }
  expect_account_closed(rig.counters());
}

class Wrap : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Wrap, LosslessRunAcrossTheIndexWrap) {
  XskRig rig(Filter::kKernel,
             {.queues = 2, .rx_entries = 4, .frames_per_queue = 8, .first_index = GetParam()});
  std::uint32_t sent = 0, received = 0;
  for (int round = 0; round < 40; ++round) {
    for (int queue = 0; queue < 2; ++queue) {
      for (int i = 0; i <= round % 4; ++i) {
        std::vector<std::byte> frame = taken_frame(64);
        std::memcpy(frame.data() + 42, &sent, sizeof(sent));
        ASSERT_EQ(rig.deliver(queue, frame), FakeKernel::Outcome::kQueued);
        ++sent;
      }
    }
    std::vector<std::uint32_t> numbers;
    for (std::span<const Frag> frags = rig.receive().poll(); !frags.empty(); frags = rig.receive().poll()) {
      rig.expect_frames_conserved(frags);
      for (const Frag& frag : frags) {
        std::uint32_t number = 0;
        std::memcpy(&number, rig.payload(frag).data(), sizeof(number));
        numbers.push_back(number);
      }
      rig.receive().give_back(frags);
    }
    std::sort(numbers.begin(), numbers.end());
    for (const std::uint32_t number : numbers)
      EXPECT_EQ(number, received++);
    rig.expect_frames_conserved({});
  }
  EXPECT_EQ(received, sent);
  expect_account_closed(rig.counters());
}

INSTANTIATE_TEST_SUITE_P(StartIndices, Wrap, testing::Values(0u, 0xffff'ffc0u, 0xffff'fffdu, 0xffff'ffffu));

TEST(XskReceive, FramesMayBeGivenBackLateAndInAnyOrder) {
  XskRig rig(Filter::kKernel, {.queues = 2, .rx_entries = 8, .frames_per_queue = 16});
  std::vector<Frag> held;
  for (int round = 0; round < 3; ++round) {
    for (int queue = 0; queue < 2; ++queue) {
      for (int i = 0; i < 4; ++i)
        ASSERT_EQ(rig.deliver(queue, taken_frame(100)), FakeKernel::Outcome::kQueued);
    }
    const std::span<const Frag> frags = rig.receive().poll();
    held.insert(held.end(), frags.begin(), frags.end());
    rig.expect_frames_conserved(held);
  }
  ASSERT_EQ(held.size(), 24u);
  std::rotate(held.begin(), held.begin() + 5, held.end());
  rig.receive().give_back(std::span(held).first(7));
  rig.expect_frames_conserved(std::span(held).subspan(7));
  rig.receive().give_back(std::span(held).subspan(7));
  rig.expect_frames_conserved({});
}

TEST(XskReceive, ConsumerThatKeepsAllFramesStarvesTheFillRingAndItIsCountedOnce) {
  XskRig rig(Filter::kKernel, {.rx_entries = 8, .frames_per_queue = 16});
  std::vector<Frag> held;
  for (int i = 0; i < 20; ++i) {
    rig.deliver(0, taken_frame(100));
    const std::span<const Frag> frags = rig.receive().poll();
    held.insert(held.end(), frags.begin(), frags.end());
  }
  EXPECT_EQ(held.size(), 16u);
  ASSERT_TRUE(rig.receive().read_statistics());
  const CounterSnapshot c = rig.counters();
  EXPECT_EQ(c.get(Counter::kRxDropped), 4u);
  EXPECT_EQ(c.get(Counter::kRxFillRingEmpty), 4u);
  EXPECT_EQ(c.get(Counter::kRxDescriptors) + c.get(Counter::kRxRingFull) + c.get(Counter::kRxDropped), 20u);
  rig.receive().give_back(held);
  EXPECT_EQ(rig.deliver(0, taken_frame(100)), FakeKernel::Outcome::kQueued)
      << "it goes on when frames come back";
  rig.expect_frames_conserved({});
}

TEST(XskReceive, FullRxRingIsCountedAndRecovers) {
  XskRig rig(Filter::kKernel, {.rx_entries = 4, .frames_per_queue = 16});
  for (int i = 0; i < 10; ++i)
    rig.deliver(0, taken_frame(100));
  ASSERT_TRUE(rig.receive().read_statistics());
  EXPECT_EQ(rig.counters().get(Counter::kRxRingFull), 6u);
  rig.expect_frames_conserved({});
  const std::span<const Frag> frags = rig.receive().poll();
  EXPECT_EQ(frags.size(), 4u);
  rig.receive().give_back(frags);
  EXPECT_EQ(rig.deliver(0, taken_frame(100)), FakeKernel::Outcome::kQueued);
  rig.expect_frames_conserved({});
}

TEST(XskReceive, BadDescriptorsAreCountedAndNeverRead) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    XskRig rig(filter, {.rx_entries = 8, .frames_per_queue = 8});
    const std::uint64_t bytes = rig.memory().bytes();
    rig.kernel().inject_descriptor(0, {bytes, 60, 0});                 // just behind the UMEM
    rig.kernel().inject_descriptor(0, {bytes + (1ull << 40), 60, 0});  // far outside
    rig.kernel().inject_descriptor(0, {0, 2049, 0});                   // longer than a chunk
    rig.kernel().inject_descriptor(0, {2048 - 20, 60, 0});             // across a chunk
    rig.kernel().inject_descriptor(0, {0, 0xffff'ffff, 0});
    EXPECT_TRUE(rig.receive().poll().empty());
    EXPECT_EQ(rig.counters().get(DiscardReason::kBadDescriptor), 5u);
    expect_account_closed(rig.counters());
  }
}

TEST(XskReceive, KernelFilterDiscardsAPortThatWasRemovedMeanwhile) {
  XskRig rig(Filter::kKernel, {});
  std::vector<std::byte> frame = taken_frame(100);
  frame[36] = std::byte{0x23};
  ASSERT_EQ(rig.deliver(0, frame), FakeKernel::Outcome::kQueued);
  EXPECT_TRUE(rig.receive().poll().empty());
  EXPECT_EQ(rig.counters().get(DiscardReason::kPortRemoved), 1u);
  rig.expect_frames_conserved({});
}

TEST(XskReceive, DatagramsLongerThanMaxPayloadAreDiscardedByBothFilters) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    XskRig rig(filter, {});
    rig.deliver(0, taken_frame(1472));
    rig.deliver(0, taken_frame(1473));
    EXPECT_EQ(rig.receive().poll().size(), 1u);
    EXPECT_EQ(rig.counters().get(DiscardReason::kOversize), 1u);
  }
}

TEST(XskReceive, WakesTheKernelOnlyWhenItAsks) {
  XskRig rig(Filter::kKernel, {});
  for (int i = 0; i < 10; ++i) {
    rig.deliver(0, taken_frame(100));
    rig.receive().give_back(rig.receive().poll());
  }
  EXPECT_EQ(rig.kernel().wakeups(), 0u);
  rig.kernel().ask_for_wakeup(0);
  rig.deliver(0, taken_frame(100));
  rig.receive().give_back(rig.receive().poll());
  EXPECT_EQ(rig.kernel().wakeups(), 1u);
  EXPECT_EQ(rig.counters().get(Counter::kRxWakeups), 1u);
}

TEST(XskReceive, AnIdleWaitAsksTheSocketForItsState) {
  XskRig rig(Filter::kKernel, {});
  EXPECT_TRUE(rig.receive().wait(kMillisecond));
  rig.kernel().fail_wakeups_with(ENETDOWN);
  const Status down = rig.receive().wait(kMillisecond);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code, ENETDOWN);
}

TEST(XskReceive, OneBusyQueueDoesNotStarveTheOther) {
  XskRig rig(Filter::kKernel, {.queues = 2, .rx_entries = 256, .frames_per_queue = 512});
  for (int i = 0; i < 200; ++i)
    rig.deliver(0, taken_frame(100));
  rig.deliver(1, taken_frame(100));
  bool other_seen = false;
  for (int poll = 0; poll < 2; ++poll) {
    const std::span<const Frag> frags = rig.receive().poll();
    EXPECT_LE(frags.size(), Receiver::kBatch);
    other_seen |= std::any_of(frags.begin(), frags.end(), [](const Frag& frag) { return frag.queue == 1; });
    rig.receive().give_back(frags);
  }
  EXPECT_TRUE(other_seen);
}

TEST(XskReceiveDeathTest, AFrameGivenBackTwiceIsCaught) {
  XskRig rig(Filter::kKernel, {.rx_entries = 8, .frames_per_queue = 8});
  rig.deliver(0, taken_frame(100));
  const std::span<const Frag> frags = rig.receive().poll();
  rig.receive().give_back(frags);
  EXPECT_DEATH(rig.receive().give_back(frags), "CHECK");
}

// Removing a port: what was redirected before the mark is still delivered, what comes after is late.
TEST(XskReceive, ARemovedPortIsDeliveredUpToTheMarkAndLateAfterIt) {
  XskRig rig(Filter::kKernel, {});
  const std::vector<std::byte> frame = taken_frame(100);  // to port 8003
  ClassifierConfig without = row_classifier();
  std::erase(without.ports, 8003);
  EXPECT_TRUE((rig.receive().mark(), rig.receive().passed_mark())) << "an empty ring has nothing to drain";

  rig.deliver(0, frame);
  rig.deliver(0, frame);
  rig.receive().mark();
  EXPECT_FALSE(rig.receive().passed_mark());
  rig.deliver(0, frame);  // judged by the kernel before the change, visible after the mark
  const std::span<const Frag> before = rig.receive().poll();
  EXPECT_EQ(before.size(), 3u);
  rig.receive().give_back(before);
  EXPECT_TRUE(rig.receive().passed_mark());

  rig.receive().set_classifier(*Classifier::create(without), XskReceive::kPlacesInOrder);
  rig.deliver(0, frame);
  EXPECT_TRUE(rig.receive().poll().empty());
  const CounterSnapshot c = rig.counters();
  EXPECT_EQ(c.sum(Counter::kPublished), 3u);
  EXPECT_EQ(c.get(DiscardReason::kPortRemoved), 1u);
  expect_account_closed(c);
  rig.expect_frames_conserved({});
}

TEST(XskReceive, AMarkIsPassedWhenEveryQueueHasPassedIt) {
  XskRig rig(Filter::kKernel, {.queues = 2, .first_index = 0xfffffff0});
  const std::vector<std::byte> frame = taken_frame(100);
  for (int i = 0; i < 40; ++i) {
    rig.deliver(0, frame);
    rig.deliver(1, frame);
  }
  rig.receive().mark();
  rig.receive().give_back(rig.receive().poll());
  EXPECT_FALSE(rig.receive().passed_mark()) << "80 frames take two batches of 64";
  rig.receive().give_back(rig.receive().poll());
  EXPECT_TRUE(rig.receive().passed_mark()) << "also across the wrap of the ring's indices";
}

TEST(XskReceive, APortCountsUnderItsPlaceWhateverElseIsListed) {
  XskRig rig(Filter::kKernel, {});
  ClassifierConfig only = row_classifier();
  only.ports = {8003};
  rig.receive().set_classifier(*Classifier::create(only), PortPlaces{5});
  rig.deliver(0, taken_frame(100));
  const std::span<const Frag> frags = rig.receive().poll();
  ASSERT_EQ(frags.size(), 1u);
  EXPECT_EQ(frags[0].port_index, 5);
  EXPECT_EQ(rig.counters().get(Counter::kPublished, 5), 1u);
}

}  // namespace
}  // namespace penstock
