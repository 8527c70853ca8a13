// Waiting shreds: keys, the order in which entries go, reuse.
#include "engine/shred/held_shreds.h"

#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

HeldKey key(std::uint64_t number) {
  HeldKey key;
  key.set.slot = number;
  key.root[0] = std::byte(number);
  return key;
}

TEST(HeldShreds, KeepsMembersOfOneKey) {
  HeldShreds held(2, 1);
  EXPECT_EQ(held.touch(key(1)), nullptr);
  std::size_t pushed_out = 9;
  HeldShreds::Entry& entry = held.open(key(1), &pushed_out);
  EXPECT_EQ(pushed_out, 0u);
  const std::vector<std::byte> shred(kDataShredSize, std::byte{7});
  HeldShreds::add(entry, 63, shred);
  HeldShreds::add(entry, 0, shred);
  const HeldShreds::Entry* found = held.touch(key(1));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->count, 2u);
  EXPECT_EQ(found->members, 1ull << 63 | 1);
  EXPECT_EQ(found->shreds[1][kDataShredSize - 1], std::byte{7});
}

TEST(HeldShreds, EveryPartOfTheKeyCounts) {
  HeldShreds held(4, 1);
  std::size_t pushed_out;
  held.open(key(1), &pushed_out);
  HeldKey other = key(1);
  other.set.fec_set_index = 32;
  EXPECT_EQ(held.touch(other), nullptr);
  other = key(1);
  other.signature[63] = std::byte{1};
  EXPECT_EQ(held.touch(other), nullptr);
  other = key(1);
  other.root[31] = std::byte{1};
  EXPECT_EQ(held.touch(other), nullptr);
}

TEST(HeldShreds, TheLeastRecentlyTouchedGoesFirst) {
  HeldShreds held(3, 1);
  std::size_t pushed_out;
  for (const std::uint64_t number : {1u, 2u, 3u}) {
    HeldShreds::add(held.open(key(number), &pushed_out), 5, {});
    EXPECT_EQ(pushed_out, 0u);
  }
  EXPECT_NE(held.touch(key(1)), nullptr);
  held.open(key(4), &pushed_out);
  EXPECT_EQ(pushed_out, 1u);
  EXPECT_EQ(held.touch(key(2)), nullptr);
  EXPECT_NE(held.touch(key(1)), nullptr);
  EXPECT_NE(held.touch(key(3)), nullptr);
}

TEST(HeldShreds, RemovedEntriesAreUsedAgain) {
  HeldShreds held(2, 1);
  std::size_t pushed_out = 0;
  for (std::uint64_t number = 0; number < 1000; ++number) {
    HeldShreds::Entry& entry = held.open(key(number), &pushed_out);
    EXPECT_EQ(pushed_out, 0u);
    EXPECT_EQ(entry.count, 0u);
    EXPECT_EQ(entry.members, 0u);
    HeldShreds::add(entry, 1, {});
    held.remove(*held.touch(key(number)));
    EXPECT_EQ(held.touch(key(number)), nullptr);
  }
}

TEST(HeldShredsDeathTest, RefusesMisuse) {
  HeldShreds held(1, 1);
  std::size_t pushed_out;
  HeldShreds::Entry& entry = held.open(key(1), &pushed_out);
  HeldShreds::add(entry, 1, {});
  EXPECT_DEATH(HeldShreds::add(entry, 1, {}), "CHECK");
  HeldShreds::add(entry, 2, {});
  HeldShreds::add(entry, 3, {});
  EXPECT_DEATH(HeldShreds::add(entry, 4, {}), "CHECK");
}

}  // namespace
}  // namespace penstock
