// What the sink tile counts and digests, also of a link that overruns it.
#include "engine/tiles/sink_tile.h"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

class SinkTileTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kDepth = 8;

  SinkTileTest() { tile_.read(lines_.lines()); }

  // A datagram of `length` bytes, all of them `number`, at an odd place of its chunk.
  void publish(std::uint8_t number, std::uint16_t length) {
    std::memset(umem_.memory().base + umem_.memory().address_of(free_) + 297, number, length);
    Frag frag;
    frag.frame = free_;
    frag.offset = 297;
    frag.length = length;
    frag.source = {{192, 0, 2, 1}};
    frag.source_port = number;
    free_ = link_.publish(frag).frame;
  }
  static void expect_in(MultisetDigest& digest, std::uint8_t number, std::size_t length) {
    const std::vector<std::byte> payload(length, std::byte{number});
    digest.add_datagram({{{192, 0, 2, 1}}, number}, {}, payload);
  }

  Umem umem_ = *Umem::create(kDepth + 1);
  McacheMemory lines_{kDepth};
  McacheProducer<Frag> link_{lines_.lines(), [](std::uint64_t i) {
                               Frag frag;
                               frag.frame = static_cast<std::uint32_t>(i);
                               return frag;
                             }};
  std::uint32_t free_ = kDepth;
  SinkTile tile_{umem_.memory(), {.digest = true}};
};

TEST_F(SinkTileTest, CountsAndDigestsWhatComes) {
  publish(1, 0);
  publish(2, 1228);
  publish(3, 1472);
  EXPECT_EQ(tile_.step(1), 3u);
  EXPECT_EQ(tile_.step(2), 0u);
  EXPECT_EQ(tile_.counters().snapshot().get(Counter::kSinkConsumed), 3u);
  EXPECT_EQ(tile_.counters().snapshot().get(Counter::kSinkBytes), 2700u);
  MultisetDigest wanted;
  expect_in(wanted, 1, 0);
  expect_in(wanted, 2, 1228);
  expect_in(wanted, 3, 1472);
  EXPECT_EQ(tile_.digest().to_string(), wanted.to_string());
}

TEST_F(SinkTileTest, SaysHowOldDatagramsAreByTheirLastEightBytes) {
  SinkTile tile(umem_.memory(), {.latency = true});
  tile.read(lines_.lines());
  publish(1, 7);  // says nothing
  const Nanoseconds sent = MonotonicClock().now() - kSecond;
  Frag frag;
  frag.frame = free_;
  frag.offset = 300;
  frag.length = 20;
  std::memcpy(umem_.memory().base + umem_.memory().address_of(free_) + 312, &sent, sizeof(sent));
  free_ = link_.publish(frag).frame;
  EXPECT_EQ(tile.step(1), 2u);
  EXPECT_EQ(tile.latency().count(), 1u);
  EXPECT_GE(tile.latency().max(), kSecond);
  EXPECT_LT(tile.latency().max(), MonotonicClock().now() - sent);
  tile_.step(1);
  EXPECT_EQ(tile_.latency().count(), 0u) << "nobody asked it";
}

TEST_F(SinkTileTest, CountsWhatItWasOverrunByAndDigestsOnlyTheRest) {
  for (std::uint8_t i = 0; i < 50; ++i)
    publish(i, 100);
  while (tile_.step(1) != 0) {
  }
  const CounterSnapshot c = tile_.counters().snapshot();
  EXPECT_GT(c.overrun(Consumer::kSink), 0u);
  EXPECT_GT(c.get(Counter::kSinkConsumed), 0u);
  EXPECT_EQ(c.get(Counter::kSinkConsumed) + c.overrun(Consumer::kSink), link_.next());
  MultisetDigest wanted;  // the youngest ones
  for (std::uint64_t i = 50 - c.get(Counter::kSinkConsumed); i < 50; ++i)
    expect_in(wanted, static_cast<std::uint8_t>(i), 100);
  EXPECT_EQ(tile_.digest().to_string(), wanted.to_string());
}

TEST_F(SinkTileTest, ReadsSeveralLinks) {
  const McacheMemory more(kDepth);
  McacheProducer<Frag> second(more.lines(), [](std::uint64_t) { return Frag(); });
  tile_.read(more.lines());
  publish(1, 10);
  Frag frag;
  frag.length = 7;
  second.publish(frag);
  EXPECT_EQ(tile_.step(1), 2u);
  EXPECT_EQ(tile_.counters().snapshot().get(Counter::kSinkBytes), 17u);
}

TEST_F(SinkTileTest, MetadataThatNamesNoPlaceInThePoolIsNeverRead) {
  Frag wild;
  wild.frame = 0xffff'ffff;
  wild.offset = 2000;
  wild.length = 1000;
  link_.publish(wild);
  EXPECT_EQ(tile_.step(1), 1u);
}

}  // namespace
}  // namespace penstock
