// What only a leader can do against the resolver, and what a flood does: sets that are signed and yet
// inconsistent, floods of signed sets, floods of forgeries.
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/hostile_fixture.h"
#include "engine/shred/testing/recording_observer.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using enum RejectReason;
using testing::Hostile;
using testing::make_signed_set;
using testing::put;
using testing::SetPlan;
using testing::Shred;
using testing::SignedSet;

// Everything is signed, and yet the members do not make one set.
void expect_failed(FecResolver& resolver, const testing::RecordingObserver& seen, const SetPlan& plan,
                   std::size_t from) {
  const SignedSet set = make_signed_set(plan);
  for (std::size_t i = 0; i < 31; ++i) {
    ASSERT_EQ(resolver.add(set.shreds[from + i]).outcome, ShredOutcome::kAccepted) << i;
  }
  EXPECT_EQ(resolver.add(set.shreds[from + 31]).reason, kRecovery);
  EXPECT_EQ(resolver.add(set.shreds[from]).reason, kRecovery);
  EXPECT_EQ(resolver.add(set.shreds[(from + 40) % 64]).reason, kRecovery);
  EXPECT_EQ(seen.failed.size(), 1u);
  EXPECT_TRUE(seen.sets.empty());
  EXPECT_EQ(resolver.counts().sets_failed, 1u);
  EXPECT_EQ(resolver.counts().added, resolver.counts().accounted());
}

TEST_F(Hostile, ParityThatDoesNotFitTheData) {
  const SetPlan plan{.before_hashing = [](std::size_t member, Shred& s) {
    if (member == 60) s[500] ^= std::byte{1};
  }};
  expect_failed(resolver_, seen_, plan, 0);
}

TEST_F(Hostile, ChainedRootsThatDiffer) {
  const SetPlan plan{.before_hashing = [](std::size_t member, Shred& s) {
    if (member == 3) s[1051] ^= std::byte{1};
  }};
  expect_failed(resolver_, seen_, plan, 0);
}

TEST_F(Hostile, ParentOffsetsThatDiffer) {
  const SetPlan plan{.before_coding = [](std::size_t member, Shred& s) {
    if (member == 3) put<std::uint16_t>(s, kParentOffsetOffset, 2);
  }};
  expect_failed(resolver_, seen_, plan, 32);
}

TEST_F(Hostile, ARecoveredHeaderThatBreaksARule) {
  const SetPlan plan{.before_coding = [](std::size_t member, Shred& s) {
    if (member == 3) put<std::uint16_t>(s, kSizeOffset, 87);
  }};
  expect_failed(resolver_, seen_, plan, 32);
}

TEST_F(Hostile, ARecoveredShredOfAnotherTypeSlotSetOrVersion) {
  const auto spoiled = [](std::size_t offset) {
    return SetPlan{.before_coding = [offset](std::size_t member, Shred& s) {
      if (member == 3) s[offset] ^= std::byte{0x20};  // 0x96 becomes 0xb6
    }};
  };
  for (const std::size_t offset :
       {kVariantOffset, kSlotOffset, kIndexOffset, kFecSetIndexOffset, kVersionOffset}) {
    testing::RecordingObserver seen;
    FecResolver resolver(config(), &leader_, &seen);
    expect_failed(resolver, seen, spoiled(offset), 32);
  }
}

TEST_F(Hostile, ASignedFloodOfOneLeaderPushesOutItsOwnSets) {
  // 20 honest sets of one slot in progress, then 500 sets of another slot with one member each.
  std::vector<SignedSet> honest;
  for (std::uint32_t s = 0; s < 20; ++s) {
    honest.push_back(make_signed_set({.slot = 1000, .fec_set_index = 32 * s, .seed = s}));
    outcome_of(honest.back().shreds[0]);
  }
  for (std::uint32_t s = 0; s < 500; ++s) {
    outcome_of(make_signed_set({.slot = 1500, .fec_set_index = 32 * s}).shreds[0]);
    ASSERT_LE(resolver_.open_sets(), 64u);
  }
  for (const SignedSet& set : honest) {
    for (std::size_t i = 1; i < 32; ++i)
      EXPECT_EQ(outcome_of(set.shreds[i]), ShredOutcome::kAccepted);
  }
  EXPECT_EQ(seen_.sets.size(), 20u);
  for (const SetKey& key : seen_.dropped)
    EXPECT_EQ(key.slot, 1500u);
}

// The flood of issue 5: distinct forged first shreds outnumber the honest ones, and every honest set
// completes with few signature checks.
TEST_F(Hostile, AFloodOfForgedFirstShreds) {
  FecResolverConfig poor = config();
  poor.signature_credit = 16;
  FecResolver resolver(poor, &leader_, &seen_);
  constexpr std::uint32_t kSets = 100;
  std::uint64_t junk = 0;
  for (std::uint32_t s = 0; s < kSets; ++s) {
    const SignedSet set = make_signed_set({.fec_set_index = 32 * s, .seed = s});
    for (std::size_t i = 0; i < 40; ++i) {
      Shred forged = set.shreds[i];
      for (int copy = 0; copy < 2; ++copy) {
        put(forged, 0, ++junk);    // another signature
        put(forged, 500, ++junk);  // and another root
        const AddResult result = resolver.add(forged);
        ASSERT_TRUE(result.outcome == ShredOutcome::kHeld || result.outcome == ShredOutcome::kRejected);
      }
      resolver.add(set.shreds[i]);
      ASSERT_EQ(resolver.counts().added, resolver.counts().accounted());
    }
  }
  EXPECT_EQ(seen_.sets.size(), kSets);
  const ResolverCounts counts = resolver.counts();
  EXPECT_LE(counts.held, 64u * HeldShreds::kShredsPerEntry);
  // One check a set, the credit to begin with, and what 32 accepted shreds a set earn.
  EXPECT_LE(counts.signature_checks, kSets + 16 + kSets * 32 / FecResolver::kAcceptedPerCredit);
  EXPECT_GT(counts.rejected_for(kUnproven), 7000u);
}

TEST_F(Hostile, HeldShredsJoinTheirSetOnceItIsProven) {
  FecResolverConfig poor = config();
  poor.signature_credit = 0;
  FecResolver resolver(poor, &leader_, &seen_);
  const SignedSet set = make_signed_set({});
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(resolver.add(set.shreds[i]).outcome, ShredOutcome::kHeld);
  EXPECT_EQ(resolver.add(set.shreds[1]).outcome, ShredOutcome::kDuplicate);
  EXPECT_EQ(resolver.counts().held, 3u);
  EXPECT_EQ(resolver.add(set.shreds[3]).outcome, ShredOutcome::kAccepted);
  EXPECT_EQ(resolver.counts().held, 0u);
  EXPECT_EQ(resolver.counts().accepted, 4u);
  EXPECT_EQ(seen_.accepted.size(), 4u);
  EXPECT_EQ(resolver.counts().added, resolver.counts().accounted());

  const SignedSet forged = make_signed_set({.fec_set_index = 32, .leader = 1});
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(resolver.add(forged.shreds[i]).outcome, ShredOutcome::kHeld);
  EXPECT_EQ(resolver.add(forged.shreds[3]).reason, kSignature);
  EXPECT_EQ(resolver.counts().rejected_for(kSignature), 4u);
  EXPECT_EQ(resolver.counts().held, 0u);
  EXPECT_EQ(resolver.counts().added, resolver.counts().accounted());
}

}  // namespace
}  // namespace penstock
