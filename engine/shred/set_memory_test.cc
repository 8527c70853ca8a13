// The promise about reuse.
#include "engine/shred/set_memory.h"

#include <deque>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(SetMemoryPool, MemoryIsReusedOnlyAfterTheFurtherSets) {
  constexpr std::size_t kOpen = 4;
  constexpr std::size_t kReuseAfter = 7;
  SetMemoryPool pool(kOpen, kReuseAfter);
  std::mt19937_64 random(1);
  std::vector<std::uint32_t> open;
  std::deque<std::uint32_t> retired;  // newest first
  for (int step = 0; step < 10'000; ++step) {
    if (open.size() < kOpen && (open.empty() || random() % 2 == 0)) {
      const std::uint32_t index = pool.take();
      for (std::size_t i = 0; i < std::min(kReuseAfter, retired.size()); ++i)
        ASSERT_NE(retired[i], index);
      for (const std::uint32_t other : open)
        ASSERT_NE(other, index);
      open.push_back(index);
    } else {
      const std::size_t which = random() % open.size();
      pool.retire(open[which]);
      retired.push_front(open[which]);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
    }
    ASSERT_EQ(pool.open(), open.size());
  }
}

TEST(SetMemoryPool, MembersDoNotOverlap) {
  SetMemoryPool pool(1, 0);
  SetMemory& memory = pool[pool.take()];
  EXPECT_EQ(memory.member(1, 1).data() - memory.member(0, 1).data(), 1280);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.member(5, 1).data()) % 64, 0u);
  EXPECT_GE(SetMemory::kStride, kMaxShredSize);
}

TEST(SetMemoryPoolDeathTest, RefusesMoreThanMaxOpen) {
  SetMemoryPool pool(1, 3);
  pool.take();
  EXPECT_DEATH(pool.take(), "CHECK");
}

}  // namespace
}  // namespace penstock
