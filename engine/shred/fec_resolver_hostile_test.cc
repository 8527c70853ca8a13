// Every row of receive-checks.md section 4.2 by name, and what an attacker might try beyond them.
#include <algorithm>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/recording_observer.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using enum RejectReason;
using testing::make_signed_set;
using testing::SetPlan;
using testing::SignedSet;
using Shred = std::vector<std::byte>;

class Hostile : public ::testing::Test {
 protected:
  static FecResolverConfig config() {
    return {.version = 1,
            .root = 990,
            .slots_ahead = 1000,
            .max_open_sets = 64,
            .reuse_after = 8,
            .history = 256,
            .held_sets = 64,
            .negative_cells = 4096,
            .signature_credit = 100'000,
            .hash_seed = 77};
  }

  RejectReason reason_for(const Shred& shred) {
    const AddResult result = resolver_.add(shred);
    EXPECT_EQ(resolver_.counts().added, testing::accounted(resolver_.counts()));
    return result.reason;
  }
  ShredOutcome outcome_of(const Shred& shred) { return resolver_.add(shred).outcome; }

  // A set that is honest but for one change in every header of a kind, coded and signed after it, so
  // that only the header rule can object.
  template <typename Change>
  RejectReason signed_with(bool data, Change change, SetPlan plan = {}) {
    plan.before_hashing = [&](std::size_t member, Shred& shred) {
      if ((member < 32) == data) change(shred);
    };
    return reason_for(make_signed_set(plan).shreds[data ? 31 : 63]);
  }

  FixedLeader leader_{public_key_of(testing::test_leader(0))};
  testing::RecordingObserver seen_;
  FecResolver resolver_{config(), &leader_, &seen_};
};

template <typename T>
void put(Shred& shred, std::size_t offset, T value) {
  std::memcpy(shred.data() + offset, &value, sizeof(value));
}

TEST_F(Hostile, ShortPayloads) {
  Shred shred = make_signed_set({}).shreds[0];
  for (std::size_t size : {0u, 1u, 64u, 87u, 88u, 1202u}) {
    EXPECT_EQ(reason_for(Shred(shred.begin(), shred.begin() + static_cast<std::ptrdiff_t>(size))), kLength)
        << size;
  }
}

TEST_F(Hostile, UnknownLegacyAndUnchainedVariants) {
  for (const int variant : {0xa5, 0x5a, 0x86, 0x46, 0x00, 0xff}) {
    EXPECT_EQ(signed_with(true, [&](Shred& s) { s[kVariantOffset] = std::byte(variant); }), kVariant);
  }
}

TEST_F(Hostile, WrongVersion) {
  EXPECT_EQ(reason_for(make_signed_set({.version = 0xfffe}).shreds[0]), kVersion);
  EXPECT_EQ(reason_for(make_signed_set({.version = 0xfffe}).shreds[63]), kVersion);
}

TEST_F(Hostile, FarFutureAndOldSlots) {
  EXPECT_EQ(reason_for(make_signed_set({.slot = 1991}).shreds[0]), kSlotWindow);
  EXPECT_EQ(reason_for(make_signed_set({.slot = ~0ull}).shreds[0]), kSlotWindow);
  EXPECT_EQ(reason_for(make_signed_set({.slot = 1990}).shreds[0]), kNone);
  EXPECT_EQ(reason_for(make_signed_set({.slot = 990}).shreds[0]), kSlotWindow);
  EXPECT_EQ(reason_for(make_signed_set({.slot = 990}).shreds[32]), kSlotWindow);
  EXPECT_EQ(reason_for(make_signed_set({.slot = 0, .parent_offset = 0}).shreds[0]), kSlotWindow);
}

TEST_F(Hostile, ParentOlderThanTheRoot) {
  EXPECT_EQ(reason_for(make_signed_set({.parent_offset = 11}).shreds[0]), kSlotWindow);
  EXPECT_EQ(reason_for(make_signed_set({.parent_offset = 10}).shreds[0]), kNone);
}

TEST_F(Hostile, IndexBeyondTheLimit) {
  EXPECT_EQ(reason_for(make_signed_set({.fec_set_index = 32'768}).shreds[0]), kStrict2);
  EXPECT_EQ(reason_for(make_signed_set({.fec_set_index = 32'768}).shreds[32]), kStrict2);
  EXPECT_EQ(reason_for(make_signed_set({.fec_set_index = 32'736}).shreds[63]), kNone);
}

TEST_F(Hostile, MisalignedSet) {
  EXPECT_EQ(reason_for(make_signed_set({.fec_set_index = 33}).shreds[0]), kStrict4);
  EXPECT_EQ(signed_with(true, [](Shred& s) { put(s, kFecSetIndexOffset, 64u); }), kStrict3);
}

TEST_F(Hostile, NotThirtyTwoThirtyTwo) {
  EXPECT_EQ(signed_with(false, [](Shred& s) { put<std::uint16_t>(s, kNumDataOffset, 12); }), kStrict15);
  EXPECT_EQ(signed_with(false, [](Shred& s) { put<std::uint16_t>(s, kNumCodeOffset, 256); }), kStrict15);
}

TEST_F(Hostile, PositionOutOfPlaceDependsOnTheMode) {
  const SetPlan plan{.before_hashing = [](std::size_t member, Shred& shred) {
    if (member == 40) put<std::uint32_t>(shred, kIndexOffset, 9);  // position 8
  }};
  const Shred shred = make_signed_set(plan).shreds[40];
  EXPECT_EQ(reason_for(shred), kNone);  // compat
  FecResolverConfig strict = config();
  strict.mode = RuleMode::kStrict;
  EXPECT_EQ(FecResolver(strict, &leader_, nullptr).add(shred).reason, kStrict16);
}

TEST_F(Hostile, AnotherProofLengthDependsOnTheMode) {
  // A signed leaf with a proof of seven entries, which no set of 64 has.
  Shred shred(kDataShredSize);
  write_shred_header({.slot = 1000, .version = 1, .variant = 0x97, .parent_offset = 1, .size = 88}, shred);
  const ShredLayout layout = layout_of(0x97);
  MerkleHasher hasher;
  MerkleHash root;
  ASSERT_TRUE(
      hasher.fold(hasher.leaf_of(shred, layout), 0, std::span(shred).subspan(layout.proof, 140), root));
  const Signature signature = sign(testing::test_leader(0), root);
  std::copy(signature.begin(), signature.end(), shred.begin());
  FecResolverConfig strict = config();
  strict.mode = RuleMode::kStrict;
  EXPECT_EQ(FecResolver(strict, &leader_, nullptr).add(shred).reason, kStrict7);
  EXPECT_EQ(outcome_of(shred), ShredOutcome::kAccepted);
  EXPECT_EQ(outcome_of(shred), ShredOutcome::kDuplicate);
  shred[200] ^= std::byte{1};
  put<std::uint32_t>(shred, kIndexOffset, 1);
  EXPECT_EQ(reason_for(shred), kMerkle);
}

TEST_F(Hostile, ParentOffsets) {
  EXPECT_EQ(signed_with(true, [](Shred& s) { put<std::uint16_t>(s, kParentOffsetOffset, 0); }), kStrict11);
  EXPECT_EQ(signed_with(true, [](Shred& s) { put<std::uint16_t>(s, kParentOffsetOffset, 1001); }), kStrict10);
}

TEST_F(Hostile, Flags) {
  EXPECT_EQ(signed_with(true, [](Shred& s) { s[kFlagsOffset] = std::byte{0x80}; }), kStrict8);
  const SetPlan misplaced{.before_hashing = [](std::size_t member, Shred& shred) {
    if (member == 5) shred[kFlagsOffset] = std::byte{0x40};
    if (member == 6) shred[kFlagsOffset] = std::byte{0xc0};
  }};
  EXPECT_EQ(reason_for(make_signed_set(misplaced).shreds[5]), kStrict9);
  EXPECT_EQ(reason_for(make_signed_set(misplaced).shreds[6]), kStrict9);
}

TEST_F(Hostile, SizeField) {
  EXPECT_EQ(signed_with(true, [](Shred& s) { put<std::uint16_t>(s, kSizeOffset, 87); }), kStrict12);
  EXPECT_EQ(signed_with(true, [](Shred& s) { put<std::uint16_t>(s, kSizeOffset, 1052); }), kStrict12);
  EXPECT_EQ(signed_with(true, [](Shred& s) { put<std::uint16_t>(s, kSizeOffset, 988); }, {.resigned = true}),
            kStrict12);
}

TEST_F(Hostile, UnknownLeader) {
  struct Nobody : LeaderSchedule {
    std::optional<PublicKey> leader(std::uint64_t) const override { return std::nullopt; }
  } nobody;
  FecResolver resolver(config(), &nobody, nullptr);
  EXPECT_EQ(resolver.add(make_signed_set({}).shreds[0]).reason, kLeader);
}

TEST_F(Hostile, RandomSignatureOnANewSet) {
  Shred shred = make_signed_set({}).shreds[0];
  shred[5] ^= std::byte{1};
  EXPECT_EQ(reason_for(shred), kSignature);
  EXPECT_EQ(reason_for(make_signed_set({.leader = 1}).shreds[0]), kSignature);
  EXPECT_EQ(resolver_.counts().signature_checks, 2u);
  EXPECT_EQ(resolver_.open_sets(), 0u);
}

TEST_F(Hostile, ARepeatedForgeryIsCheckedOnce) {
  const SignedSet forged = make_signed_set({.leader = 1});
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(reason_for(forged.shreds[0]), kSignature);
  for (const Shred& shred : forged.shreds)
    EXPECT_EQ(reason_for(shred), kSignature);
  EXPECT_EQ(resolver_.counts().signature_checks, 1u);
  EXPECT_EQ(resolver_.counts().negative_hits, 73u);
}

TEST_F(Hostile, PayloadFlippedUnderTheRightSignature) {
  const SignedSet set = make_signed_set({});
  EXPECT_EQ(outcome_of(set.shreds[0]), ShredOutcome::kAccepted);
  for (const std::size_t offset : {kPositionOffset + 10, std::size_t{500}, std::size_t{1051}}) {
    Shred shred = set.shreds[1];
    shred[offset] ^= std::byte{1};
    EXPECT_EQ(reason_for(shred), kMerkle) << offset;
  }
  EXPECT_EQ(resolver_.counts().signature_checks, 1u);
  EXPECT_EQ(outcome_of(set.shreds[1]), ShredOutcome::kAccepted);
}

TEST_F(Hostile, ProofFlipped) {
  const SignedSet set = make_signed_set({});
  EXPECT_EQ(outcome_of(set.shreds[0]), ShredOutcome::kAccepted);
  for (std::size_t offset = 1083; offset < 1203; ++offset) {
    Shred shred = set.shreds[1];
    shred[offset] ^= std::byte{1};
    EXPECT_EQ(reason_for(shred), kMerkle) << offset;
  }
}

TEST_F(Hostile, AnotherTypeUnderTheRightSignature) {
  const SignedSet set = make_signed_set({});
  EXPECT_EQ(outcome_of(set.shreds[0]), ShredOutcome::kAccepted);
  Shred shred = set.shreds[1];
  shred[kVariantOffset] = std::byte{kDataResignedVariant};
  put<std::uint16_t>(shred, kSizeOffset, 987);
  EXPECT_EQ(reason_for(shred), kMerkle);
}

TEST_F(Hostile, AnHonestSignatureOnJunkBlocksNothing) {
  const SignedSet set = make_signed_set({});
  for (std::size_t i = 0; i < 40; ++i) {
    Shred junk = set.shreds[i];
    junk[300] ^= std::byte{1};
    EXPECT_EQ(reason_for(junk), kSignature);  // first of its set: another root under that signature
  }
  for (std::size_t i = 0; i < 32; ++i)
    EXPECT_EQ(outcome_of(set.shreds[i]), ShredOutcome::kAccepted);
  EXPECT_EQ(seen_.sets.size(), 1u);
}

TEST_F(Hostile, JunkThatPosesAsALateMember) {
  const SignedSet set = make_signed_set({.resigned = true});
  for (std::size_t i = 0; i < 32; ++i)
    outcome_of(set.shreds[i]);
  for (const std::size_t offset :
       {std::size_t{90}, std::size_t{1012}, std::size_t{1044}, std::size_t{1163}}) {
    Shred junk = set.shreds[50];
    junk[offset] ^= std::byte{1};
    EXPECT_EQ(reason_for(junk), kMerkle) << offset;
  }
  EXPECT_TRUE(seen_.late.empty());
  EXPECT_EQ(outcome_of(set.shreds[50]), ShredOutcome::kLate);
}

TEST_F(Hostile, EquivocationIsReportedOnceWithBothShredsAndNeverMerged) {
  const SignedSet first = make_signed_set({.seed = 1});
  const SignedSet second = make_signed_set({.seed = 2});
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_EQ(outcome_of(first.shreds[i]), ShredOutcome::kAccepted);
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_EQ(reason_for(second.shreds[i]), kConflict);
  ASSERT_EQ(seen_.conflicts.size(), 1u);
  EXPECT_EQ(seen_.conflicts[0].first, first.shreds[0]);
  EXPECT_EQ(seen_.conflicts[0].second, second.shreds[0]);
  EXPECT_EQ(resolver_.counts().signature_checks, 2u);
  for (std::size_t i = 20; i < 32; ++i)
    EXPECT_EQ(outcome_of(first.shreds[i]), ShredOutcome::kAccepted);
  ASSERT_EQ(seen_.sets.size(), 1u);
  EXPECT_EQ(seen_.sets.begin()->second.root, first.root);
}

TEST_F(Hostile, EquivocationAfterTheSetIsFinished) {
  const SignedSet first = make_signed_set({.seed = 1});
  for (std::size_t i = 0; i < 32; ++i)
    outcome_of(first.shreds[i]);
  EXPECT_EQ(reason_for(make_signed_set({.seed = 2}).shreds[40]), kConflict);
  EXPECT_EQ(seen_.conflicts.size(), 1u);
}

TEST_F(Hostile, AForgedSecondSignatureIsNoEquivocation) {
  const SignedSet set = make_signed_set({.seed = 1});
  outcome_of(set.shreds[0]);
  EXPECT_EQ(reason_for(make_signed_set({.seed = 2, .leader = 1}).shreds[0]), kSignature);
  EXPECT_EQ(resolver_.counts().equivocations, 0u);
  EXPECT_EQ(outcome_of(set.shreds[1]), ShredOutcome::kAccepted);
}

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
  EXPECT_EQ(resolver.counts().added, testing::accounted(resolver.counts()));
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
      ASSERT_EQ(resolver.counts().added, testing::accounted(resolver.counts()));
    }
  }
  EXPECT_EQ(seen_.sets.size(), kSets);
  const ResolverCounts& counts = resolver.counts();
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
  EXPECT_EQ(resolver.counts().added, testing::accounted(resolver.counts()));

  const SignedSet forged = make_signed_set({.fec_set_index = 32, .leader = 1});
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(resolver.add(forged.shreds[i]).outcome, ShredOutcome::kHeld);
  EXPECT_EQ(resolver.add(forged.shreds[3]).reason, kSignature);
  EXPECT_EQ(resolver.counts().rejected_for(kSignature), 4u);
  EXPECT_EQ(resolver.counts().held, 0u);
  EXPECT_EQ(resolver.counts().added, testing::accounted(resolver.counts()));
}

}  // namespace
}  // namespace penstock
