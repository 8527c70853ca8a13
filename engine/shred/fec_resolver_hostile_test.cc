// Every row of receive-checks.md section 4.2 by name.
#include <algorithm>
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

}  // namespace
}  // namespace penstock
