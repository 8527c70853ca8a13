// Signed slots: cut as asked for, valid, chained across slots, and reproducible.
#include "sim/workload/leader_source.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/merkle.h"
#include "engine/shred/parse.h"
#include "engine/shred/rules.h"

namespace penstock {
namespace {

std::vector<std::unique_ptr<FecSet>> take(LeaderSource& source, std::size_t count) {
  std::vector<std::unique_ptr<FecSet>> sets;
  for (std::size_t i = 0; i < count; ++i) {
    sets.push_back(std::make_unique<FecSet>());
    const Status made = source.next_set(sets.back().get());
    EXPECT_TRUE(made) << made.error().message();
  }
  return sets;
}

// The root that a member's proof leads to.
MerkleHash root_of(const FecSet& set, std::size_t member) {
  MerkleHasher hasher;
  const auto shred = set.member(member);
  const ShredLayout layout = layout_of(parse_shred(shred).header.variant);
  MerkleHash root{};
  EXPECT_TRUE(hasher.fold(hasher.leaf_of(shred, layout), static_cast<std::uint32_t>(member),
                          shred.subspan(layout.proof, 120), root));
  return root;
}

TEST(LeaderSource, MakesSlotsOfTheAskedNumberOfSets) {
  LeaderSource source({.seed = 1, .first_slot = 70, .sets_per_slot = 5});
  const auto sets = take(source, 15);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    EXPECT_EQ(sets[i]->slot, 70 + i / 5);
    EXPECT_EQ(sets[i]->fec_set_index, 32 * (i % 5));
    EXPECT_EQ(sets[i]->resigned, i % 5 == 4);
  }
}

TEST(LeaderSource, EveryShredIsValidAndSignedByTheLeader) {
  LeaderSource source({.seed = 2, .sets_per_slot = 4});
  for (const auto& set : take(source, 8)) {
    const MerkleHash root = root_of(*set, 0);
    for (std::size_t i = 0; i < kShredsInSet; ++i) {
      const ParsedShred parsed = parse_shred(set->member(i));
      ASSERT_TRUE(parsed.ok());
      EXPECT_EQ(check_rules(parsed.header, {}, RuleMode::kStrict), RejectReason::kNone);
      EXPECT_EQ(parsed.header.version, 6051);
      EXPECT_EQ(root_of(*set, i), root);
      EXPECT_TRUE(verify(source.leader(), root, set->member(i).first<64>()));
    }
  }
}

TEST(LeaderSource, ChainsSetsAcrossSlots) {
  MerkleHash expected{};
  expected.fill(std::byte{7});
  LeaderSource source({.seed = 3, .sets_per_slot = 3, .first_chained_root = expected});
  for (const auto& set : take(source, 9)) {
    const auto shred = set->member(0);
    const ShredLayout layout = layout_of(parse_shred(shred).header.variant);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), shred.subspan(layout.chained_root).begin()));
    expected = root_of(*set, 0);
  }
}

TEST(LeaderSource, EveryDataShredIsFull) {
  for (const std::uint32_t sets_per_slot : {1u, 2u, 3u, 25u}) {
    LeaderSource source({.seed = 4, .sets_per_slot = sets_per_slot});
    for (const auto& set : take(source, 2 * sets_per_slot)) {
      for (std::size_t i = 0; i < kDataShredsInSet; ++i) {
        EXPECT_EQ(parse_shred(set->member(i)).header.size, set->resigned ? 987 : 1'051);
      }
    }
  }
}

TEST(LeaderSource, SameSeedSameBytesOtherSeedOtherLeader) {
  LeaderSource a({.seed = 5}), b({.seed = 5}), c({.seed = 6});
  const auto of_a = take(a, 1), of_b = take(b, 1);
  EXPECT_EQ(of_a[0]->storage, of_b[0]->storage);
  EXPECT_NE(a.leader(), c.leader());
}

TEST(LeaderSource, RepeatsItsEntriesSlotAfterSlot) {
  LeaderSource source(
      {.seed = 7, .first_slot = 0, .repeated = std::vector<std::byte>(100'000, std::byte{9})});
  ASSERT_EQ(source.sets_per_slot(), 4u);  // 71,232 bytes in three chained sets, 28,768 in the resigned one
  const auto sets = take(source, 8);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    EXPECT_EQ(sets[i]->slot, i / 4);
    EXPECT_EQ(sets[i]->resigned, i % 4 == 3);
    EXPECT_EQ(parse_shred(sets[i]->member(0)).header.parent_offset, i / 4);  // 0 in slot 0, then 1
  }
}

TEST(LeaderSource, ASlotThatIsTooLongNeedsARaisedLimit) {
  LeaderSource source({.seed = 8, .sets_per_slot = 1'025});
  FecSet set;
  Status made{};
  for (int i = 0; i < 1'025 && made; ++i)
    made = source.next_set(&set);
  EXPECT_FALSE(made);
  LeaderSource raised({.seed = 8, .max_index = 131'072, .sets_per_slot = 1'025});
  Status all{};
  for (int i = 0; i < 1'025 && all; ++i)
    all = raised.next_set(&set);
  EXPECT_TRUE(all) << all.error().message();
  EXPECT_EQ(set.fec_set_index, 32'768u);
  EXPECT_TRUE(set.resigned);
}

}  // namespace
}  // namespace penstock
