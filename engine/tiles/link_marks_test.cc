// Each mark is seen once by each reader, at the right time, whatever the writer does meanwhile.
#include "engine/tiles/link_marks.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::vector<Nanoseconds> passed(LinkMarkReader& reader, std::uint64_t next) {
  std::vector<Nanoseconds> times;
  reader.pass(next, [&](Nanoseconds time) { times.push_back(time); });
  return times;
}

using Times = std::vector<Nanoseconds>;

TEST(LinkMarks, ArePassedOnceTheirFragIsBehind) {
  LinkMarks marks;
  LinkMarkReader one(marks.lines()), other(marks.lines());
  EXPECT_EQ(passed(one, 100), Times());
  marks.leave(0, 10);
  marks.leave(7, 20);
  EXPECT_EQ(passed(one, 0), Times());
  EXPECT_EQ(passed(one, 1), Times{10});
  EXPECT_EQ(passed(one, 7), Times());
  marks.leave(9, 30);
  EXPECT_EQ(passed(one, 8), Times{20});
  EXPECT_EQ(passed(one, 50), Times{30});
  EXPECT_EQ(passed(one, 50), Times());
  EXPECT_EQ(passed(other, 50), (Times{10, 20, 30})) << "each reader has its own place";
}

TEST(LinkMarks, AFragHasOne) {
  LinkMarks marks;
  LinkMarkReader reader(marks.lines());
  marks.leave(3, 10);
  marks.leave(3, 11);
  EXPECT_EQ(passed(reader, 4), Times{10});
}

TEST(LinkMarks, AReaderThatStoodStillSeesTheLastOnesAndGoesOn) {
  LinkMarks marks;
  LinkMarkReader reader(marks.lines());
  constexpr std::uint64_t kMany = 10 * LinkMarks::kDepth;
  for (std::uint64_t i = 0; i < kMany; ++i)
    marks.leave(i, static_cast<Nanoseconds>(i));
  const Times late = passed(reader, kMany);
  EXPECT_GE(late.size(), LinkMarks::kDepth / 2 - 1);
  EXPECT_LE(late.size(), LinkMarks::kDepth);
  EXPECT_EQ(late.back(), static_cast<Nanoseconds>(kMany - 1));
  marks.leave(kMany, 5);
  EXPECT_EQ(passed(reader, kMany + 1), Times{5});
}

TEST(LinkMarks, AMarkIsWholeWhileTheNextAreLeft) {
  constexpr std::uint64_t kMany = 300'000;
  LinkMarks marks;
  std::atomic<std::uint64_t> published{0};
  std::jthread writer([&] {
    for (std::uint64_t i = 0; i < kMany; ++i) {
      marks.leave(i, static_cast<Nanoseconds>(3 * i + 1));
      published.store(i + 1, std::memory_order_release);
    }
  });
  LinkMarkReader reader(marks.lines());
  Nanoseconds last = 0;
  std::uint64_t seen = 0;
  for (std::uint64_t next = 0; next < kMany;) {
    next = published.load(std::memory_order_acquire);
    reader.pass(next, [&](Nanoseconds time) {
      ASSERT_EQ(time % 3, 1);
      ASSERT_GT(time, last) << "in order, once each";
      ASSERT_LE(time, static_cast<Nanoseconds>(3 * next)) << "its frag is behind the reader";
      last = time;
      ++seen;
    });
  }
  EXPECT_EQ(last, static_cast<Nanoseconds>(3 * (kMany - 1) + 1)) << "the last one is always there";
  EXPECT_GT(seen, 0u);
}

}  // namespace
}  // namespace penstock
