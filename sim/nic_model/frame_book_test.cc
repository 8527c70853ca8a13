// The book finds each kind of lost, doubled or stray frame: the rings are written by hand here.
#include "sim/nic_model/frame_book.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// Two queues of three frames each, and a link of four lines; both sides of the rings are played here.
class FrameBookTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kFirstIndex = 0xffff'fffe;  // everything here crosses the wrap

  struct Rings {
    std::uint32_t fill_producer = kFirstIndex, fill_consumer = kFirstIndex, fill_flags = 0;
    std::uint32_t rx_producer = kFirstIndex, rx_consumer = kFirstIndex, rx_flags = 0;
    std::array<std::uint64_t, 4> fill{};
    std::array<xdp_desc, 4> rx{};

    FrameBook::Queue memory() {
      return {{&fill_producer, &fill_consumer, &fill_flags, fill.data(), 4},
              {&rx_producer, &rx_consumer, &rx_flags, rx.data(), 4}};
    }
    void give(std::uint64_t frame) { fill[fill_producer++ & 3] = frame * 2048; }
    void show(std::uint64_t frame) { rx[rx_producer++ & 3] = {frame * 2048 + 256, 60, 0}; }
  };

  void SetUp() override {
    for (std::uint64_t frame = 0; frame < 6; ++frame)
      rings_[frame / 3].give(frame);
    Result<FrameBook> book = open();
    ASSERT_TRUE(book) << book.error().message();
    book_ = std::make_unique<FrameBook>(std::move(*book));
  }

  Result<FrameBook> open() {
    return FrameBook::open({nullptr, 10, 2048}, {rings_[0].memory(), rings_[1].memory()}, lines_.lines());
  }

  static Frag frag(std::uint32_t frame, std::uint8_t queue) {
    Frag frag;
    frag.frame = frame;
    frag.queue = queue;
    return frag;
  }

  // The kernel receives the next frame of a queue.
  void receive(std::size_t queue) {
    Rings& rings = rings_[queue];
    rings.show(rings.fill[rings.fill_consumer++ & 3] / 2048);
    ASSERT_TRUE(book_->after_kernel());
  }
  // The engine hands it out.
  std::vector<Frag> take(std::uint8_t queue) {
    Rings& rings = rings_[queue];
    const auto frame = static_cast<std::uint32_t>(rings.rx[rings.rx_consumer++ & 3].addr / 2048);
    return {frag(frame, queue)};
  }

  static void expect_error(const Status& status, const std::string& text) {
    ASSERT_FALSE(status);
    EXPECT_NE(status.error().message().find(text), std::string::npos) << status.error().message();
  }

  std::array<Rings, 2> rings_;
  McacheMemory lines_{4};
  McacheProducer<Frag> link_{lines_.lines(),
                             [](std::uint64_t i) { return frag(6 + static_cast<std::uint32_t>(i), 0); }};
  std::unique_ptr<FrameBook> book_;
};

TEST_F(FrameBookTest, FollowsAFrameAllTheWayRound) {
  for (int round = 0; round < 10; ++round) {
    receive(1);
    const std::vector<Frag> frags = take(1);
    ASSERT_TRUE(book_->after_poll(frags));
    EXPECT_EQ(book_->count(FrameBook::Place::kHands), 1u);
    rings_[1].give(frags[0].frame);
    const Status s = book_->after_give_back(frags);
    ASSERT_TRUE(s) << s.error().message();
  }
  EXPECT_EQ(book_->count(FrameBook::Place::kFill), 6u);
  EXPECT_EQ(book_->steps(), 30u);
}

TEST_F(FrameBookTest, TheDisplacedFrameOfTheLinkMayGoToTheQueueOfTheNewOne) {
  for (std::uint32_t round = 0; round < 10; ++round) {
    receive(round % 2);
    const std::vector<Frag> frags = take(static_cast<std::uint8_t>(round % 2));
    rings_[round % 2].give(link_.publish(frags[0]).frame);
    const Status s = book_->after_poll({});
    ASSERT_TRUE(s) << s.error().message();
    EXPECT_EQ(book_->count(FrameBook::Place::kLink), 4u);
  }
}

TEST_F(FrameBookTest, TheKernelMayKeepAFrameAndShowItLater) {
  const std::uint64_t kept = rings_[0].fill[rings_[0].fill_consumer++ & 3] / 2048;
  ASSERT_TRUE(book_->after_kernel());
  EXPECT_EQ(book_->count(FrameBook::Place::kKernel), 1u);
  rings_[0].show(kept);
  ASSERT_TRUE(book_->after_kernel());
  EXPECT_EQ(book_->count(FrameBook::Place::kRx), 1u);
}

TEST_F(FrameBookTest, FindsAFrameThatIsNeitherHandedOutNorGivenBack) {
  receive(0);
  static_cast<void>(take(0));
  expect_error(book_->after_poll({}), "lost: frame 0 has left the RX ring of queue 0");
}

TEST_F(FrameBookTest, FindsAFrameThatComesBackTwice) {
  receive(0);
  const std::vector<Frag> frags = take(0);
  ASSERT_TRUE(book_->after_poll(frags));
  rings_[0].give(frags[0].frame);
  ASSERT_TRUE(book_->after_give_back(frags));
  rings_[0].give(frags[0].frame);
  expect_error(book_->after_give_back(frags), "given back: frame 0 is in the fill ring");
}

TEST_F(FrameBookTest, FindsAFrameInTheFillRingThatAConsumerHolds) {
  receive(0);
  const std::vector<Frag> frags = take(0);
  rings_[0].give(frags[0].frame);
  expect_error(book_->after_poll(frags), "handed out for queue 0: frame 0 is in the fill ring");
}

TEST_F(FrameBookTest, FindsAFrameThatTheKernelShowsWhileAConsumerHoldsIt) {
  receive(0);
  ASSERT_TRUE(book_->after_poll(take(0)));
  rings_[0].show(0);
  expect_error(book_->after_kernel(), "RX ring of queue 0: frame 0 is in the consumer's hands");
}

TEST_F(FrameBookTest, FindsAFrameThatChangesQueues) {
  receive(0);
  const std::vector<Frag> frags = take(0);
  ASSERT_TRUE(book_->after_poll(frags));
  rings_[1].give(frags[0].frame);
  expect_error(book_->after_give_back(frags), "fill ring of queue 1: frame 0 has left the consumer's hands");
}

TEST_F(FrameBookTest, FindsADisplacedFrameThatGoesToTheOtherQueue) {
  receive(0);
  const std::vector<Frag> frags = take(0);
  rings_[1].give(link_.publish(frags[0]).frame);
  expect_error(book_->after_poll({}), "queue 0 has 2 frames, it began with 3");
}

TEST_F(FrameBookTest, FindsADisplacedFrameThatIsForgotten) {
  receive(0);
  const std::vector<Frag> frags = take(0);
  link_.publish(frags[0]);
  expect_error(book_->after_poll({}), "lost: frame 6 has left the return link");
}

TEST_F(FrameBookTest, FindsIndicesThatRunAwayAndAddressesOutside) {
  ++rings_[0].rx_consumer;
  expect_error(book_->after_poll({}), "the consumer index is 1 ahead");
  rings_[0].rx_consumer = kFirstIndex;
  rings_[0].fill_producer += 2;
  expect_error(book_->after_give_back({}), "5 entries in a ring of 4");
  rings_[0].fill_producer -= 2;
  rings_[0].give(10);
  expect_error(book_->after_give_back({}), "lies outside the UMEM");
}

TEST_F(FrameBookTest, FindsAnIndexThatTheOtherSideMoved) {
  ++rings_[0].fill_consumer;
  expect_error(book_->after_poll({}), "the consumer index moved in a step of the other side");
}

TEST_F(FrameBookTest, RefusesToOpenOnAFrameThatIsNowhere) {
  --rings_[1].fill_producer;
  const Result<FrameBook> book = open();
  ASSERT_FALSE(book);
  EXPECT_NE(book.error().message().find("lost: frame 5"), std::string::npos) << book.error().message();
}

}  // namespace
}  // namespace penstock
