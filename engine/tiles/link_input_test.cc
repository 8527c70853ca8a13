// What a tile counts of a link that has marks.
#include "engine/tiles/link_input.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

class LinkInputTest : public testing::Test {
 protected:
  static constexpr std::size_t kDepth = 8;
  static constexpr Nanoseconds kLongAgo = 10 * kMillisecond;

  void publish(int frags) {
    for (int i = 0; i < frags; ++i)
      link_.publish(Frag());
  }
  void mark() { marks_.leave(link_.next(), MonotonicClock().now() - kLongAgo); }
  std::size_t take(LinkInput& input, std::size_t most = 64) {
    return input.take_batch(most, counters_, [&](const Frag&) { input.consumer().accept(); });
  }
  std::uint64_t hops(Counter counter, std::size_t bucket = kHopBuckets - 1) const {
    return counters_.get(counter, bucket);
  }

  McacheMemory lines_{kDepth};
  McacheProducer<Frag> link_{lines_.lines(), [](std::uint64_t) { return Frag(); }};
  LinkMarks marks_;
  Counters counters_;
};

TEST_F(LinkInputTest, CountsAHopOnceItsFragIsTaken) {
  LinkInput input(lines_.lines(), Consumer::kShred, marks_.lines());
  publish(2);
  mark();
  publish(3);
  EXPECT_EQ(take(input, 2), 2u);
  EXPECT_EQ(hops(Counter::kHopShred), 0u) << "the marked one is the third";
  EXPECT_EQ(take(input, 1), 1u);
  EXPECT_EQ(hops(Counter::kHopShred), 1u);
  EXPECT_EQ(take(input), 2u);
  EXPECT_EQ(take(input), 0u);
  EXPECT_EQ(hops(Counter::kHopShred), 1u);
  const std::size_t shorter = hop_bucket_of(kLongAgo) - 1;
  EXPECT_EQ(hops(Counter::kHopShred, shorter), 0u) << "it was under way for as long as the mark is old";
}

TEST_F(LinkInputTest, CountsAHopThatOverranItToo) {
  LinkInput input(lines_.lines(), Consumer::kOutlet, marks_.lines());
  mark();
  publish(3 * kDepth);
  EXPECT_GT(take(input), 0u);
  EXPECT_GT(counters_.snapshot().overrun(Consumer::kOutlet), 0u);
  EXPECT_EQ(hops(Counter::kHopOutlet), 1u);
}

TEST_F(LinkInputTest, EachConsumerCountsItsOwn) {
  LinkInput sink(lines_.lines(), Consumer::kSink, marks_.lines());
  LinkInput unmarked(lines_.lines(), Consumer::kCapture);
  mark();
  publish(1);
  EXPECT_EQ(take(sink), 1u);
  EXPECT_EQ(take(unmarked), 1u);
  EXPECT_EQ(hops(Counter::kHopSink), 1u);
  EXPECT_EQ(hops(Counter::kHopShred) + hops(Counter::kHopOutlet), 0u);
}

}  // namespace
}  // namespace penstock
