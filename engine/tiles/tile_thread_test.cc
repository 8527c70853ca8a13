// Starting, idling and stopping a tile.
#include "engine/tiles/tile_thread.h"

#include <errno.h>
#include <sched.h>

#include <atomic>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// Has `work` to do, one a step.
class CountingTile final : public Tile {
 public:
  std::size_t step(Nanoseconds now) override {
    ++steps;
    last = now;
    if (work == 0) return 0;
    --work;
    return 1;
  }

  std::atomic<std::uint64_t> steps{0};
  std::atomic<std::uint64_t> work{0};
  std::atomic<Nanoseconds> last{0};
};

template <typename Condition>
void wait_for(Condition&& condition) {
  while (!condition())
    sched_yield();
}

TEST(TileThread, StepsWithACoarseMonotonicTime) {
  CountingTile tile;
  const Nanoseconds before = CoarseClock().now();
  auto thread = TileThread::start(tile, {});
  ASSERT_TRUE(thread) << thread.error().message();
  wait_for([&] { return tile.steps > 100; });
  thread->stop();
  EXPECT_GE(tile.last, before);
  EXPECT_LE(tile.last, MonotonicClock().now());
  const std::uint64_t steps = tile.steps;
  thread->stop();
  EXPECT_EQ(tile.steps, steps) << "nothing runs after stop()";
}

TEST(TileThread, FinishesWhatThereIsBeforeItStops) {
  CountingTile tile;
  auto thread = TileThread::start(tile, {});
  ASSERT_TRUE(thread);
  tile.work = 1000;
  thread->stop();
  EXPECT_EQ(tile.work, 0u);
}

TEST(TileThread, StopsATileThatNeverRunsDry) {
  CountingTile tile;
  tile.work = ~std::uint64_t{0};
  auto thread = TileThread::start(tile, {});
  ASSERT_TRUE(thread);
  thread->stop();
  EXPECT_GT(tile.work, 0u);
}

TEST(TileThread, GoesOnWhenWorkComesAfterALongSleep) {
  CountingTile tile;
  auto thread = TileThread::start(tile, {.spins = 0, .longest_sleep = kMillisecond});
  ASSERT_TRUE(thread);
  wait_for([&] { return tile.steps > 20; });  // by then it sleeps for the longest time
  tile.work = 100;
  wait_for([&] { return tile.work == 0; });
}

TEST(TileThread, UsesLessCpuTimeThanThereIsWhenIdle) {
  CountingTile tile;
  auto thread = TileThread::start(tile, {.spins = 0, .longest_sleep = 10 * kMillisecond});
  ASSERT_TRUE(thread);
  wait_for([&] { return tile.steps > 20; });
  const auto used = thread->cpu_time();
  ASSERT_TRUE(used) << used.error().message();
  EXPECT_GT(*used, 0);
}

TEST(TileThread, SaysWhichCpuIsNotThere) {
  CountingTile tile;
  const auto thread = TileThread::start(tile, {.cpu = 1023});
  ASSERT_FALSE(thread);
  EXPECT_EQ(thread.error().code, EINVAL);
  EXPECT_NE(thread.error().what.find("1023"), std::string::npos);
  EXPECT_EQ(tile.steps, 0u);
}

}  // namespace
}  // namespace penstock
