// The resolver allocates nothing once it is made, whatever arrives. This binary counts operator new.
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/signed_set.h"
#include "engine/testing/allocations.h"

namespace penstock {
namespace {

TEST(ResolverAllocations, AreNoneWhateverArrives) {
  const FixedLeader leader(public_key_of(testing::test_leader(0)));
  FecResolver resolver({.max_open_sets = 4,
                        .reuse_after = 2,
                        .history = 8,
                        .held_sets = 4,
                        .negative_cells = 16,
                        .signature_credit = 4},
                       &leader, nullptr);
  std::vector<testing::SignedSet> sets;
  for (std::uint32_t s = 0; s < 40; ++s) {
    sets.push_back(
        testing::make_signed_set({.fec_set_index = 32 * (s % 20), .seed = s, .leader = s % 5 == 4}));
  }
  const std::uint64_t before = allocations();
  for (std::size_t i = 0; i < 64; ++i) {
    for (const testing::SignedSet& set : sets)
      resolver.add(set.shreds[i * 7 % 64]);
  }
  for (const testing::SignedSet& set : sets) {
    for (const auto& shred : set.shreds)
      resolver.add(shred);
  }
  EXPECT_EQ(allocations(), before);
  const ResolverCounts counts = resolver.counts();
  // All paths were taken.
  EXPECT_GT(counts.sets_finished, 0u);
  EXPECT_GT(counts.sets_dropped, 0u);
  EXPECT_GT(counts.equivocations, 0u);
  EXPECT_GT(counts.rejected_for(RejectReason::kSignature), 0u);
  EXPECT_GT(counts.rejected_for(RejectReason::kUnproven), 0u);
  EXPECT_GT(counts.late, 0u);
}

}  // namespace
}  // namespace penstock
