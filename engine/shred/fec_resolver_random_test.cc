// Long games against the resolver (testing/resolver_game.h), each from a seed. The same moves, chosen by a
// fuzzer: fuzz/resolver_fuzz.cc.
#include <gtest/gtest.h>

#include "engine/shred/testing/resolver_game.h"

namespace penstock {
namespace {

class RandomTraffic : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomTraffic, KeepsTheInvariants) {
  constexpr std::uint64_t kMoves = 8000;
  const testing::GameSets sets(GetParam());
  testing::ResolverGame game(sets, {.max_open_sets = GetParam() % 2 == 0 ? 6u : 64u,
                                    .reuse_after = 4,
                                    .history = 256,
                                    .held_sets = 8,
                                    .negative_cells = 64,
                                    .signature_credit = 8,
                                    .hash_seed = GetParam()});
  testing::SeededChoices choices(GetParam());
  for (std::uint64_t move = 0; move < kMoves; ++move)
    game.move(choices, move * 1000 / kMoves);
  game.finish();

  // The traffic did exercise what it is meant to.
  const ResolverCounts counts = game.resolver().counts();
  EXPECT_GT(counts.sets_finished, 8u);
  EXPECT_GT(counts.sets_failed, 0u);
  EXPECT_GT(counts.duplicates, 100u);
  EXPECT_GT(counts.late, 100u);
  EXPECT_GT(counts.rejected_for(RejectReason::kMerkle), 50u);
  EXPECT_GT(counts.rejected_for(RejectReason::kUnproven) + counts.held, 0u);
  EXPECT_GT(counts.equivocations, 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTraffic, ::testing::Range<std::uint64_t>(1, 13));

}  // namespace
}  // namespace penstock
