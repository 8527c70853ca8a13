// The watchdog with a clock and hearts made here, and over a real tile that hangs.
#include "engine/tiles/watchdog.h"

#include <sched.h>

#include <atomic>

#include <gtest/gtest.h>

#include "engine/tiles/tile_thread.h"

namespace penstock {
namespace {

using Changes = std::vector<Watchdog::Change>;

constexpr auto kNet = static_cast<std::size_t>(TileKind::kNet);
constexpr auto kShred = static_cast<std::size_t>(TileKind::kShred);

class WatchdogTest : public ::testing::Test {
 protected:
  WatchdogTest() {
    watchdog_.watch(TileKind::kNet, net_);
    watchdog_.watch(TileKind::kShred, shred_);
    EXPECT_EQ(round(), Changes{});
  }

  // The next round, `late` behind its time.
  Changes round(Nanoseconds late = 0) {
    now_ += Watchdog::kPeriod + late;
    return watchdog_.round(now_);
  }
  std::uint64_t stalls(std::size_t tile) const {
    return watchdog_.counters().get(Counter::kTileStalls, tile);
  }

  Heartbeat net_, shred_;
  Watchdog watchdog_;
  Nanoseconds now_ = 1'000 * kSecond;
};

TEST_F(WatchdogTest, FindsATileThatStandsOnceAndThatItGoesOn) {
  for (int i = 1; i < Watchdog::kRounds; ++i) {
    shred_.beat();
    EXPECT_EQ(round(), Changes{}) << i;
  }
  shred_.beat();
  EXPECT_EQ(round(), (Changes{{TileKind::kNet, 0, true}}));
  EXPECT_EQ(stalls(kNet), 1u);
  EXPECT_EQ(stalls(kShred), 0u);
  for (int i = 0; i < 3 * Watchdog::kRounds; ++i) {
    shred_.beat();
    EXPECT_EQ(round(), Changes{}) << "said once";
  }
  net_.beat();
  shred_.beat();
  EXPECT_EQ(round(), (Changes{{TileKind::kNet, 0, false}}));
  EXPECT_EQ(stalls(kNet), 1u);
}

TEST_F(WatchdogTest, NoticesWithinASecondWhereverInAPeriodTheLastBeatFell) {
  net_.beat();  // just before a round: the worst case is a beat just after one
  static_assert((Watchdog::kRounds + 1) * Watchdog::kPeriod < kSecond);
  shred_.beat();
  EXPECT_EQ(round(), Changes{});
  const Nanoseconds last_beat_at_the_earliest = now_ - Watchdog::kPeriod;
  while (watchdog_.counters().snapshot().sum(Counter::kTileStalls) == 0)
    round();
  EXPECT_LT(now_ - last_beat_at_the_earliest, kSecond);
  EXPECT_EQ(stalls(kNet), 1u);
  EXPECT_EQ(stalls(kShred), 1u);
}

TEST_F(WatchdogTest, AMachineThatStandsStillIsNoTile) {
  for (int i = 0; i < 10 * Watchdog::kRounds; ++i)
    EXPECT_EQ(round(300 * kMillisecond), Changes{}) << "the watchdog was kept from running too";
  EXPECT_EQ(round(3'600 * kSecond), Changes{});
  EXPECT_EQ(stalls(kNet), 0u);
  for (int i = 1; i < Watchdog::kRounds; ++i)
    EXPECT_EQ(round(), Changes{});
  EXPECT_EQ(round(Watchdog::kPeriod).size(), 2u) << "on time again: they do stand";
}

TEST_F(WatchdogTest, LooksOnlyWhenARoundIsDue) {
  for (int i = 0; i < 10 * Watchdog::kRounds; ++i)
    EXPECT_EQ(watchdog_.round(now_ + i), Changes{}) << "a burst of signals wakes the supervisor";
  EXPECT_EQ(stalls(kNet), 0u);
  EXPECT_EQ(watchdog_.due(), now_ + Watchdog::kPeriod);
}

// Does not come back from a step until it is let go.
class HangingTile final : public Tile {
 public:
  std::size_t step(Nanoseconds /*now*/) override {
    while (hangs)
      sched_yield();
    return 0;
  }
  std::atomic<bool> hangs{false};
};

TEST(WatchdogOverAThread, ATileThreadBeatsUntilItHangs) {
  HangingTile tile;
  auto thread = TileThread::start(tile, {});
  ASSERT_TRUE(thread) << thread.error().message();
  Watchdog watchdog;
  watchdog.watch(TileKind::kSink, thread->heartbeat());
  Nanoseconds now = kSecond;
  const auto round = [&] { return watchdog.round(now += Watchdog::kPeriod); };
  for (int i = 0; i < 2 * Watchdog::kRounds; ++i) {
    const std::uint64_t before = thread->heartbeat().beats();
    while (thread->heartbeat().beats() == before)
      sched_yield();
    EXPECT_EQ(round(), Changes{});
  }
  tile.hangs = true;
  Changes found;
  for (int i = 0; i < 1'000'000 && found.empty(); ++i) {
    found = round();
    sched_yield();
  }
  EXPECT_EQ(found, (Changes{{TileKind::kSink, 0, true}}));
  tile.hangs = false;
  while ((found = round()).empty())
    sched_yield();
  EXPECT_EQ(found, (Changes{{TileKind::kSink, 0, false}}));
}

}  // namespace
}  // namespace penstock
