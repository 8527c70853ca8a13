// Frames by CPU in, verdict out.
#include "engine/tiles/napi_watch.h"

#include <array>

#include <gtest/gtest.h>

namespace penstock {
namespace {

class NapiWatchTest : public ::testing::Test {
 protected:
  // One second in which each CPU counts so many frames, the thread being on `cpu`, in 20 looks.
  std::optional<bool> second(unsigned cpu, std::array<std::uint64_t, 4> frames) {
    std::optional<bool> change;
    for (int i = 0; i < 20; ++i) {
      for (std::size_t each = 0; each < frames.size(); ++each)
        counted_[each] += frames[each] / 20;
      now_ += NapiWatch::kWindow / 20;
      if (const std::optional<bool> found = watch_.look(now_, cpu, counted_)) change = found;
    }
    return change;
  }

  NapiWatch watch_;
  Nanoseconds now_ = 0;
  std::array<std::uint64_t, 4> counted_{1'000'000, 0, 0, 0};  // before the thread began
};

TEST_F(NapiWatchTest, FindsTheSharedCoreInOneWindowAndSaysItOnce) {
  watch_.look(now_, 1, counted_);
  EXPECT_EQ(second(1, {0, 100'000, 0, 0}), true);
  EXPECT_TRUE(watch_.shared());
  EXPECT_EQ(second(1, {0, 100'000, 0, 0}), std::nullopt);
}

TEST_F(NapiWatchTest, AnotherCoreIsNoConcern) {
  watch_.look(now_, 0, counted_);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(second(1, {100'000, 0, 0, 0}), std::nullopt);
  EXPECT_FALSE(watch_.shared());
}

TEST_F(NapiWatchTest, OneQueueOfManyOnOurCoreIsEnough) {
  watch_.look(now_, 3, counted_);
  EXPECT_EQ(second(3, {50'000, 50'000, 50'000, 20'000}), true);
}

TEST_F(NapiWatchTest, SomeStrayFramesAreNot) {
  watch_.look(now_, 3, counted_);
  EXPECT_EQ(second(3, {100'000, 0, 0, 2'000}), std::nullopt);
}

TEST_F(NapiWatchTest, TooFewFramesSayNothingEitherWay) {
  watch_.look(now_, 2, counted_);
  EXPECT_EQ(second(2, {0, 0, 900, 0}), std::nullopt);
  EXPECT_EQ(second(2, {0, 0, 10'000, 0}), true);
  for (int i = 0; i < 2 * NapiWatch::kQuietWindows; ++i)
    EXPECT_EQ(second(2, {100, 0, 0, 0}), std::nullopt) << "an idle link does not make the core free";
  EXPECT_TRUE(watch_.shared());
}

TEST_F(NapiWatchTest, TakesItBackAfterTenWindows) {
  watch_.look(now_, 2, counted_);
  EXPECT_EQ(second(2, {0, 0, 10'000, 0}), true);
  for (int i = 1; i < NapiWatch::kQuietWindows; ++i)
    EXPECT_EQ(second(2, {10'000, 0, 0, 0}), std::nullopt) << i;
  EXPECT_EQ(second(2, {10'000, 0, 0, 0}), false);
  EXPECT_FALSE(watch_.shared());
}

TEST_F(NapiWatchTest, AReceiverThatDoesNotKnowIsNeverShared) {
  EXPECT_EQ(watch_.look(0, 0, {}), std::nullopt);
  EXPECT_EQ(watch_.look(5 * kSecond, 0, {}), std::nullopt);
}

}  // namespace
}  // namespace penstock
