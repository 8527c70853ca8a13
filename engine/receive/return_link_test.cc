// Frames that are not ours into the return link: what its lines say, and where every frame is (law 3).
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/frame_rows.h"
#include "engine/mcache/mcache.h"
#include "engine/receive/testing/xsk_rig.h"
#include "engine/receive/xsk_receive.h"

namespace penstock {
namespace {

// A frame of another port that carries a number.
std::vector<std::byte> foreign_frame(std::uint32_t number) {
  std::vector<std::byte> frame = taken_frame(64);
  frame[36] = std::byte{0x23};
  std::memcpy(frame.data() + 42, &number, sizeof(number));
  return frame;
}

std::uint32_t number_of(const XskRig& rig, const Frag& frag) {
  std::uint32_t number = 0;
  std::memcpy(&number, rig.payload(frag).data() + 42, sizeof(number));
  return number;
}

TEST(ReturnLink, GetsEveryFrameThatIsNotOursWhole) {
  XskRig rig(Filter::kUserspace, {.max_payload = 65535, .return_depth = 16});
  Fseq fseq;
  McacheConsumer<Frag> tile(rig.return_lines(), fseq);
  for (const FrameRow& row : frame_rows()) {
    if (row.frame.size() > 1792) continue;
    ASSERT_EQ(rig.deliver(0, row.frame), FakeKernel::Outcome::kQueued) << row.name;
    const auto frags = rig.receive().poll();
    Frag frag;
    ASSERT_EQ(tile.poll(frag), row.reason != PENSTOCK_TAKEN) << row.name;
    if (row.reason != PENSTOCK_TAKEN) {
      EXPECT_TRUE(frags.empty());
      const auto frame = rig.payload(frag);
      ASSERT_EQ(frame.size(), row.frame.size()) << row.name;
      EXPECT_EQ(std::memcmp(frame.data(), row.frame.data(), frame.size()), 0) << row.name;
      EXPECT_TRUE(tile.accept());
    }
    rig.expect_frames_conserved(frags);
    rig.receive().give_back(frags);
  }
  rig.expect_frames_conserved({});
  const CounterSnapshot c = rig.counters();
  EXPECT_EQ(c.get(Counter::kReturnedToHost), c.sum(Counter::kFilterPass));
  EXPECT_EQ(c.sum(Counter::kDiscarded), 0u);
  expect_account_closed(c);
}

// Two queues, one link: the displaced frame goes to the queue that the new one came from. Were it sent to
// where it came from itself, the queue with the foreign traffic would run dry and the other overflow.
TEST(ReturnLink, EachQueueKeepsItsNumberOfFrames) {
  for (const std::uint32_t depth : {4u, 16u, 64u}) {
    XskRig rig(Filter::kUserspace,
               {.queues = 2, .rx_entries = 8, .frames_per_queue = 8, .return_depth = depth});
    Fseq fseq;
    McacheConsumer<Frag> tile(rig.return_lines(), fseq);
    std::uint32_t sent = 0, received = 0;
    for (int round = 0; round < 100; ++round) {
      const int queue = round % 10 < 7 ? 0 : 1;
      for (int i = 0; i < 1 + round % 4; ++i)
        ASSERT_EQ(rig.deliver(queue, foreign_frame(sent++)), FakeKernel::Outcome::kQueued) << round;
      ASSERT_EQ(rig.deliver(queue, taken_frame(100)), FakeKernel::Outcome::kQueued);
      const auto frags = rig.receive().poll();
      ASSERT_EQ(frags.size(), 1u);
      rig.expect_frames_conserved(frags);
      rig.receive().give_back(frags);
      rig.expect_frames_conserved({});
      Frag frag;
      while (tile.poll(frag)) {
        EXPECT_EQ(number_of(rig, frag), received++);
        EXPECT_TRUE(tile.accept());
      }
    }
    EXPECT_EQ(received, sent);
    // All of each queue's frames can still be filled: none has wandered to the other queue.
    for (int queue = 0; queue < 2; ++queue) {
      for (int i = 0; i < 8; ++i)
        EXPECT_EQ(rig.deliver(queue, foreign_frame(0)), FakeKernel::Outcome::kQueued) << queue << ' ' << i;
      EXPECT_NE(rig.deliver(queue, foreign_frame(0)), FakeKernel::Outcome::kQueued);
    }
  }
}

TEST(ReturnLink, ATileThatDoesNotReadIsOverrunAndTheReceiverGoesOn) {
  XskRig rig(Filter::kUserspace, {.rx_entries = 8, .frames_per_queue = 8, .return_depth = 4});
  Fseq fseq;
  McacheConsumer<Frag> tile(rig.return_lines(), fseq);
  for (std::uint32_t i = 0; i < 100; ++i) {
    ASSERT_EQ(rig.deliver(0, foreign_frame(i)), FakeKernel::Outcome::kQueued);
    EXPECT_TRUE(rig.receive().poll().empty());
    rig.expect_frames_conserved({});
  }
  std::uint64_t accepted = 0;
  Frag frag;
  while (tile.poll(frag)) {
    EXPECT_EQ(number_of(rig, frag), tile.next());
    if (tile.accept()) ++accepted;
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_EQ(accepted + tile.lost(), 100u);
  EXPECT_EQ(rig.counters().get(Counter::kReturnedToHost), 100u);
}

TEST(ReturnLink, TheKernelFilterNeverUsesIt) {
  XskRig rig(Filter::kKernel, {.return_depth = 8});
  ASSERT_EQ(rig.deliver(0, foreign_frame(1)), FakeKernel::Outcome::kQueued);
  EXPECT_TRUE(rig.receive().poll().empty());
  EXPECT_EQ(rig.counters().get(DiscardReason::kPortRemoved), 1u);
  EXPECT_EQ(rig.counters().get(Counter::kReturnedToHost), 0u);
  rig.expect_frames_conserved({});
}

}  // namespace
}  // namespace penstock
