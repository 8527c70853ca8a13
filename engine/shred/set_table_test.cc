// Opening, finishing, forgetting, and who goes when the table is full.
#include "engine/shred/set_table.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

SetKey key(std::uint64_t slot, std::uint32_t set) {
  return {slot, 32 * set};
}

TEST(SetTable, FindsOpenAndFinishedSets) {
  SetTable table(2, 2, 0, 1);
  EXPECT_EQ(table.find(key(1, 0)), nullptr);
  SetRecord& record = table.open(key(1, 0));
  EXPECT_EQ(table.find(key(1, 0)), &record);
  EXPECT_EQ(table.open_sets(), 1u);
  table.finish(record, SetState::kFinished);
  EXPECT_EQ(table.find(key(1, 0)), &record);
  EXPECT_EQ(record.state, SetState::kFinished);
  EXPECT_EQ(table.open_sets(), 0u);
}

TEST(SetTable, ForgetsTheOldestFinishedSet) {
  SetTable table(1, 3, 0, 1);
  for (std::uint32_t set = 0; set < 5; ++set)
    table.finish(table.open(key(1, set)), SetState::kFinished);
  EXPECT_EQ(table.find(key(1, 0)), nullptr);
  EXPECT_EQ(table.find(key(1, 1)), nullptr);
  for (std::uint32_t set = 2; set < 5; ++set)
    EXPECT_NE(table.find(key(1, set)), nullptr);
}

TEST(SetTable, ADroppedSetIsUnknownAndMayOpenAgain) {
  SetTable table(1, 1, 0, 1);
  SetRecord& record = table.open(key(1, 0));
  record.seen = 5;
  table.drop(record);
  EXPECT_EQ(table.find(key(1, 0)), nullptr);
  EXPECT_EQ(table.open(key(1, 0)).seen, 0u);
}

TEST(SetTable, MemoryStaysUntilItIsReused) {
  SetTable table(1, 8, 2, 1);
  SetRecord& first = table.open(key(1, 0));
  SetMemory* memory = table.memory(first);
  ASSERT_NE(memory, nullptr);
  memory->bytes[0] = std::byte{0x5a};
  table.finish(first, SetState::kFinished);
  for (std::uint32_t set = 1; set <= 2; ++set) {
    table.finish(table.open(key(1, set)), SetState::kFinished);
    ASSERT_EQ(table.memory(first), memory) << set;
    EXPECT_EQ(memory->bytes[0], std::byte{0x5a});
  }
  SetRecord& third = table.open(key(1, 3));
  EXPECT_NE(table.memory(third), memory);
  EXPECT_EQ(&table.next_memory(), memory);
  EXPECT_EQ(table.memory(first), nullptr);
}

TEST(SetTable, TheSlotWithTheMostOpenSetsLosesItsEmptiest) {
  SetTable table(6, 1, 0, 1);
  // An honest slot with one member each, and a flooded one.
  table.open(key(10, 0)).seen = 1;
  table.open(key(10, 1)).seen = 1;
  table.open(key(99, 0)).seen = 0b111;
  table.open(key(99, 1)).seen = 0b11;
  table.open(key(99, 2)).seen = 0b11;
  EXPECT_FALSE(table.full());
  table.open(key(99, 3)).seen = 0b1111;
  ASSERT_TRUE(table.full());
  EXPECT_EQ(table.victim().key, key(99, 1));  // as empty as 99/2, and older
  table.drop(table.victim());
  EXPECT_EQ(table.victim().key, key(99, 2));
  table.drop(table.victim());
  // Two slots with two sets each: the emptiest of all, the oldest of those.
  EXPECT_EQ(table.victim().key, key(10, 0));
}

TEST(SetTable, LongUseKeepsItsBooks) {
  SetTable table(4, 6, 3, 1);
  for (std::uint64_t slot = 0; slot < 5000; ++slot) {
    if (table.full()) table.drop(table.victim());
    table.open(key(slot % 7 + slot / 100, static_cast<std::uint32_t>(slot)));
    if (slot % 3 == 0) table.finish(table.open_set(slot % table.open_sets()), SetState::kFailed);
    ASSERT_LE(table.open_sets(), 4u);
  }
}

TEST(SetTableDeathTest, RefusesMisuse) {
  SetTable table(1, 1, 0, 1);
  SetRecord& record = table.open(key(1, 0));
  EXPECT_DEATH(table.open(key(1, 1)), "CHECK");
  table.finish(record, SetState::kFinished);
  EXPECT_DEATH(table.finish(record, SetState::kFinished), "CHECK");
  EXPECT_DEATH(table.open(key(1, 0)), "CHECK");
}

}  // namespace
}  // namespace penstock
