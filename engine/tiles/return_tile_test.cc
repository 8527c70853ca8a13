// The return tile over a pool and a link made here: what it writes, and that it writes nothing torn.
#include "engine/tiles/return_tile.h"

#include <errno.h>

#include <cstring>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

class RecordingHost final : public HostPort {
 public:
  int write(std::span<const std::byte> frame) override {
    if (refusal != 0) return refusal;
    frames.emplace_back(frame.begin(), frame.end());
    return 0;
  }
  bool usable() override {
    ++looks;
    return is_usable;
  }
  std::vector<std::vector<std::byte>> frames;
  int refusal = 0;
  bool is_usable = true;
  int looks = 0;
};

class ReturnTileTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kDepth = 8;

  static Frag initial(std::uint64_t i) {
    Frag frag;
    frag.frame = static_cast<std::uint32_t>(i);
    return frag;
  }
  // A frame whose every byte is its number, at an odd place of its chunk.
  void publish(std::uint8_t number, std::uint16_t length = 100) {
    std::byte* chunk = umem_.memory().base + umem_.memory().address_of(free_);
    std::memset(chunk, 0xee, 2048);
    std::memset(chunk + 257, number, length);
    Frag frag;
    frag.frame = free_;
    frag.offset = 257;
    frag.length = length;
    free_ = link_.publish(frag).frame;
  }
  static std::vector<std::byte> bytes(std::uint8_t number, std::size_t length = 100) {
    return std::vector<std::byte>(length, std::byte{number});
  }
  void expect_account_closed() const {
    const CounterSnapshot c = tile_.counters().snapshot();
    EXPECT_EQ(c.get(Counter::kReturnWritten) + c.overrun(Consumer::kReturn) + c.get(Counter::kTapError),
              link_.next());
  }

  Umem umem_ = *Umem::create(kDepth + 1);
  McacheMemory lines_{kDepth};
  McacheProducer<Frag> link_{lines_.lines(), initial};
  std::uint32_t free_ = kDepth;
  RecordingHost host_;
  __u64 clock_ = 0;
  ReturnTile tile_{lines_.lines(), umem_.memory(), host_, EngineClock(clock_)};
};

TEST_F(ReturnTileTest, WritesFramesByteForByteInOrder) {
  publish(1, 14);
  publish(2, 60);
  publish(3, 1514);
  EXPECT_EQ(tile_.step(1), 3u);
  ASSERT_EQ(host_.frames.size(), 3u);
  EXPECT_EQ(host_.frames[0], bytes(1, 14));
  EXPECT_EQ(host_.frames[1], bytes(2, 60));
  EXPECT_EQ(host_.frames[2], bytes(3, 1514));
  EXPECT_EQ(tile_.step(2), 0u);
  expect_account_closed();
}

TEST_F(ReturnTileTest, TellsTheTimeAlsoWhenIdle) {
  EXPECT_EQ(tile_.step(5 * kSecond), 0u);
  EXPECT_EQ(clock_, 5'000'000'000u);
  tile_.step(6 * kSecond);
  EXPECT_EQ(clock_, 6'000'000'000u);
}

TEST_F(ReturnTileTest, CountsWhatItWasOverrunBy) {
  for (std::uint8_t i = 0; i < 20; ++i)
    publish(i);
  while (tile_.step(1) != 0) {
  }
  const CounterSnapshot c = tile_.counters().snapshot();
  EXPECT_GT(c.overrun(Consumer::kReturn), 0u);
  EXPECT_EQ(c.get(Counter::kReturnWritten), host_.frames.size());
  EXPECT_EQ(host_.frames.back(), bytes(19));
  expect_account_closed();
}

TEST_F(ReturnTileTest, CountsWhatTheTapRefuses) {
  host_.refusal = EIO;
  publish(1);
  publish(2);
  tile_.step(1);
  EXPECT_EQ(tile_.counters().snapshot().get(Counter::kTapError), 2u);
  host_.refusal = 0;
  publish(3);
  tile_.step(1);
  EXPECT_EQ(host_.frames.size(), 1u);
  expect_account_closed();
}

TEST_F(ReturnTileTest, StopsItsClockWhileTheTapIsUnusableAndGoesOnAfterwards) {
  constexpr Nanoseconds kStart = 5 * kSecond;
  tile_.step(kStart);
  host_.refusal = EIO;
  host_.is_usable = false;
  publish(1);
  tile_.step(kStart + 1);
  EXPECT_EQ(clock_, static_cast<std::uint64_t>(kStart + 1)) << "it is not known before the first refusal";
  publish(2);
  tile_.step(kStart + 2);
  tile_.step(kStart + 3);
  EXPECT_EQ(clock_, static_cast<std::uint64_t>(kStart + 1));
  EXPECT_EQ(host_.looks, 1) << "not at every step";
  tile_.step(kStart + 2 + ReturnTile::kLookAgain);
  EXPECT_EQ(host_.looks, 2);
  EXPECT_EQ(clock_, static_cast<std::uint64_t>(kStart + 1));
  host_.refusal = 0;
  host_.is_usable = true;
  const Nanoseconds again = kStart + 2 + 2 * ReturnTile::kLookAgain;
  tile_.step(again);
  EXPECT_EQ(clock_, static_cast<std::uint64_t>(again));
  publish(3);
  tile_.step(again + 1);
  EXPECT_EQ(clock_, static_cast<std::uint64_t>(again + 1));
  EXPECT_EQ(host_.frames.size(), 1u);
  expect_account_closed();
}

TEST_F(ReturnTileTest, ASingleFrameThatTheTapCannotTakeStopsNothing) {
  host_.refusal = EINVAL;
  publish(1);
  tile_.step(kSecond);
  tile_.step(kSecond + 1);
  EXPECT_EQ(clock_, static_cast<std::uint64_t>(kSecond + 1));
}

TEST_F(ReturnTileTest, DoesABatchAStep) {
  Umem umem = *Umem::create(257);
  const McacheMemory lines(256);
  McacheProducer<Frag> link(lines.lines(), initial);
  ReturnTile tile(lines.lines(), umem.memory(), host_, EngineClock(clock_));
  for (std::uint32_t i = 0; i < 100; ++i) {
    Frag frag;
    frag.frame = 256;
    frag.length = 60;
    link.publish(frag);
  }
  EXPECT_EQ(tile.step(1), ReturnTile::kBatch);
  EXPECT_EQ(tile.step(1), 100 - ReturnTile::kBatch);
}

// While the tile is between reading a frag and its recheck, the producer laps it: nothing is written.
// Here the "host" of one frame publishes a whole ring, so that the next frags of the batch are gone.
TEST_F(ReturnTileTest, NeverWritesAFrameThatIsNoLongerItsOwn) {
  class LappingHost final : public HostPort {
   public:
    int write(std::span<const std::byte> frame) override {
      for (const std::byte b : frame)
        whole &= b == frame.front();
      ++written;
      if (lap) std::exchange(lap, nullptr)();
      return 0;
    }
    bool usable() override { return true; }
    bool whole = true;
    std::uint64_t written = 0;
    std::function<void()> lap;
  } host;
  ReturnTile tile(lines_.lines(), umem_.memory(), host, EngineClock(clock_));
  for (std::uint8_t i = 0; i < 4; ++i)
    publish(i);
  host.lap = [this] {
    for (std::uint8_t i = 4; i < 40; ++i)
      publish(i);
  };
  while (tile.step(1) != 0) {
  }
  EXPECT_TRUE(host.whole);
  const CounterSnapshot c = tile.counters().snapshot();
  EXPECT_EQ(c.get(Counter::kReturnWritten), host.written);
  EXPECT_EQ(c.overrun(Consumer::kReturn) + host.written, link_.next());
  EXPECT_GT(c.overrun(Consumer::kReturn), 0u);
}

TEST_F(ReturnTileTest, MetadataThatNamesNoPlaceInThePoolIsNeverRead) {
  Frag wild;
  wild.frame = 0xffff'ffff;
  wild.offset = 2000;
  wild.length = 1000;
  free_ = link_.publish(wild).frame;
  EXPECT_EQ(tile_.step(1), 1u);
  ASSERT_EQ(host_.frames.size(), 1u) << "the TAP refuses an empty frame, and counts it";
  EXPECT_TRUE(host_.frames[0].empty());
}

}  // namespace
}  // namespace penstock
