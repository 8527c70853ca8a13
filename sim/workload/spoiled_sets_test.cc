// Spoiled sets before the resolver: each is refused for what it is, and for nothing else.
#include "sim/workload/spoiled_sets.h"

#include <gtest/gtest.h>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/recording_observer.h"
#include "sim/workload/leader_source.h"
#include "sim/workload/unsigned_source.h"

namespace penstock {
namespace {

class SpoiledSets : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(source_.next_set(&good_)); }

  FecSet spoiled(SpoiledSet kind, std::uint32_t number = 0) {
    FecSet set;
    const Status made = source_.spoiled_set(kind, good_, number, &set);
    EXPECT_TRUE(made) << made.error().message();
    return set;
  }
  AddResult add(const FecSet& set, std::size_t member) { return resolver_.add(set.member(member)); }

  LeaderSource source_{{.seed = 3}};
  FixedLeader leader_{source_.leader()};
  testing::RecordingObserver seen_;
  FecResolver resolver_{
      {.mode = RuleMode::kStrict, .max_open_sets = 4, .reuse_after = 2, .history = 8}, &leader_, &seen_};
  FecSet good_;
};

TEST_F(SpoiledSets, TheDoubleIsAGoodSetByItself) {
  const FecSet twice = spoiled(SpoiledSet::kDouble);
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_EQ(add(twice, 63 - i).outcome, i < 32 ? ShredOutcome::kAccepted : ShredOutcome::kLate) << i;
}

TEST_F(SpoiledSets, TheDoubleConflictsWithTheGoodSet) {
  EXPECT_EQ(add(good_, 0).outcome, ShredOutcome::kAccepted);
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_EQ(add(spoiled(SpoiledSet::kDouble), i).reason, RejectReason::kConflict) << i;
  EXPECT_EQ(seen_.conflicts.size(), 1u);
  for (std::size_t i = 1; i < 32; ++i)
    EXPECT_EQ(add(good_, i).outcome, ShredOutcome::kAccepted);
  EXPECT_EQ(seen_.sets.size(), 1u);
}

TEST_F(SpoiledSets, InconsistentParityFailsAtTheThirtySecondMember) {
  for (std::uint32_t number = 0; number < 3; ++number) {
    const FecSet bad = spoiled(SpoiledSet::kInconsistentParity, number);
    EXPECT_EQ(bad.fec_set_index, 32'736 - 32 * number);
    for (std::size_t i = 0; i < 31; ++i)
      EXPECT_EQ(add(bad, i).outcome, ShredOutcome::kAccepted) << i;
    for (std::size_t i = 31; i < 64; ++i)
      EXPECT_EQ(add(bad, i).reason, RejectReason::kRecovery) << i;
  }
  EXPECT_EQ(seen_.failed.size(), 3u);
}

TEST_F(SpoiledSets, AreTheSameForTheSameNumber) {
  EXPECT_EQ(spoiled(SpoiledSet::kDouble, 1).storage, spoiled(SpoiledSet::kDouble, 1).storage);
  EXPECT_NE(spoiled(SpoiledSet::kDouble, 1).storage, spoiled(SpoiledSet::kDouble, 2).storage);
}

TEST(SpoiledSetsWithoutKeys, AreRefused) {
  UnsignedSource source({.seed = 1});
  FecSet good;
  ASSERT_TRUE(source.next_set(&good));
  FecSet set;
  EXPECT_FALSE(source.spoiled_set(SpoiledSet::kDouble, good, 0, &set));
}

}  // namespace
}  // namespace penstock
