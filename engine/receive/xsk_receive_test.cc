// The receive loop over the fake kernel: delivery, refusals, conservation of frames, wake-ups.
#include "engine/receive/xsk_receive.h"

#include <errno.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/xsk/testing/fake_kernel.h"

namespace penstock {
namespace {

struct Shape {
  std::size_t queues = 1;
  std::uint32_t rx_entries = 64;
  std::uint32_t frames_per_queue = 128;
  std::uint32_t first_index = 0;
  std::uint32_t max_payload = 1472;
};

// A receive loop, its memory and the fake at the other end.
class Rig {
 public:
  Rig(Filter filter, const Shape& shape)
      : umem_(*Umem::create(static_cast<std::uint32_t>(shape.queues) * shape.frames_per_queue)),
        kernel_(umem_.memory()) {
    std::vector<XskReceive::Queue> queues;
    std::uint32_t next_frame = 0;
    for (std::size_t i = 0; i < shape.queues; ++i) {
      const FakeKernel::Socket socket = kernel_.add_queue({.rx_entries = shape.rx_entries,
                                                           .fill_entries = shape.frames_per_queue,
                                                           .first_index = shape.first_index});
      XskReceive::Queue queue{socket.fd, FillRing(socket.fill), RxRing(socket.rx)};
      for (std::uint32_t f = 0; f < shape.frames_per_queue; ++f)
        queue.fill.push(umem_.memory().address_of(next_frame++));
      queue.fill.submit();
      queues.push_back(queue);
    }
    receive_ = std::make_unique<XskReceive>(
        XskReceive::Config{.filter = filter, .max_payload = shape.max_payload},
        *Classifier::create(row_classifier()), umem_.memory(), std::move(queues), kernel_, counters_);
  }

  FakeKernel& kernel() { return kernel_; }
  XskReceive& receive() { return *receive_; }
  CounterSnapshot counters() const { return counters_.snapshot(); }

  FakeKernel::Outcome deliver(int queue, std::span<const std::byte> frame) {
    const FakeKernel::Outcome outcome = kernel_.deliver(queue, frame);
    kernel_.flush(queue);
    return outcome;
  }
  std::span<const std::byte> payload(const Frag& frag) const {
    return {umem_.memory().base + umem_.memory().address_of(frag.frame) + frag.offset, frag.length};
  }

  // Law 3: every frame of the UMEM is in exactly one place.
  void expect_frames_conserved(std::span<const Frag> in_our_hands) {
    std::vector<std::uint32_t> places = kernel_.frames_in_rings();
    const std::vector<std::uint32_t> held = kernel_.frames_held();
    places.insert(places.end(), held.begin(), held.end());
    for (const Frag& frag : in_our_hands)
      places.push_back(frag.frame);
    std::sort(places.begin(), places.end());
    std::vector<std::uint32_t> all(umem_.memory().frames);
    std::iota(all.begin(), all.end(), 0u);
    EXPECT_EQ(places, all);
  }

 private:
  Umem umem_;
  FakeKernel kernel_;
  Counters counters_;
  std::unique_ptr<XskReceive> receive_;
};

// rx_descriptors = published{port} + returned_to_host + discarded{reason}.
void expect_account_closed(const CounterSnapshot& c) {
  EXPECT_EQ(c.get(Counter::kRxDescriptors),
            c.sum(Counter::kPublished) + c.get(Counter::kReturnedToHost) + c.sum(Counter::kDiscarded));
}

TEST(XskReceive, HandsOutADatagramWithItsAddressesAndTakesTheFrameBack) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    Rig rig(filter, {});
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
  Rig rig(Filter::kUserspace, {.max_payload = 65535});
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
      EXPECT_EQ(delta.get(DiscardReason::kNotReturned), 1u) << row.name;
    }
    rig.receive().give_back(frags);
    rig.expect_frames_conserved({});
  }
  expect_account_closed(rig.counters());
}

class Wrap : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Wrap, LosslessRunAcrossTheIndexWrap) {
  Rig rig(Filter::kKernel, {.queues = 2, .rx_entries = 4, .frames_per_queue = 8, .first_index = GetParam()});
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
  Rig rig(Filter::kKernel, {.queues = 2, .rx_entries = 8, .frames_per_queue = 16});
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
  Rig rig(Filter::kKernel, {.rx_entries = 8, .frames_per_queue = 16});
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
  Rig rig(Filter::kKernel, {.rx_entries = 4, .frames_per_queue = 16});
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
    Rig rig(filter, {.rx_entries = 8, .frames_per_queue = 8});
    const std::uint64_t bytes = 8 * 2048;
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
  Rig rig(Filter::kKernel, {});
  std::vector<std::byte> frame = taken_frame(100);
  frame[36] = std::byte{0x23};
  ASSERT_EQ(rig.deliver(0, frame), FakeKernel::Outcome::kQueued);
  EXPECT_TRUE(rig.receive().poll().empty());
  EXPECT_EQ(rig.counters().get(DiscardReason::kPortRemoved), 1u);
  rig.expect_frames_conserved({});
}

TEST(XskReceive, DatagramsLongerThanMaxPayloadAreDiscardedByBothFilters) {
  for (const Filter filter : {Filter::kKernel, Filter::kUserspace}) {
    Rig rig(filter, {});
    rig.deliver(0, taken_frame(1472));
    rig.deliver(0, taken_frame(1473));
    EXPECT_EQ(rig.receive().poll().size(), 1u);
    EXPECT_EQ(rig.counters().get(DiscardReason::kOversize), 1u);
  }
}

TEST(XskReceive, WakesTheKernelOnlyWhenItAsks) {
  Rig rig(Filter::kKernel, {});
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
  Rig rig(Filter::kKernel, {});
  EXPECT_TRUE(rig.receive().wait(kMillisecond));
  rig.kernel().fail_wakeups_with(ENETDOWN);
  const Status down = rig.receive().wait(kMillisecond);
  ASSERT_FALSE(down);
  EXPECT_EQ(down.error().code, ENETDOWN);
}

TEST(XskReceive, OneBusyQueueDoesNotStarveTheOther) {
  Rig rig(Filter::kKernel, {.queues = 2, .rx_entries = 256, .frames_per_queue = 512});
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
  Rig rig(Filter::kKernel, {.rx_entries = 8, .frames_per_queue = 8});
  rig.deliver(0, taken_frame(100));
  const std::span<const Frag> frags = rig.receive().poll();
  rig.receive().give_back(frags);
  EXPECT_DEATH(rig.receive().give_back(frags), "CHECK");
}

// Removing a port: what was redirected before the mark is still delivered, what comes after is late.
TEST(XskReceive, ARemovedPortIsDeliveredUpToTheMarkAndLateAfterIt) {
  Rig rig(Filter::kKernel, {});
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
  Rig rig(Filter::kKernel, {.queues = 2, .first_index = 0xfffffff0});
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
  Rig rig(Filter::kKernel, {});
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
