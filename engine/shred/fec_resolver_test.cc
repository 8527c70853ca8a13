// What the resolver does with honest traffic: order, loss, duplicates, late members, memory, windows.
#include "engine/shred/fec_resolver.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/testing/recording_observer.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using testing::make_signed_set;
using testing::SetPlan;
using testing::SignedSet;

class ResolverTest : public ::testing::Test {
 protected:
  static FecResolverConfig small() {
    return {.max_open_sets = 8, .reuse_after = 2, .history = 64, .held_sets = 16, .negative_cells = 64};
  }

  ShredOutcome add(std::span<const std::byte> shred) {
    const ShredOutcome outcome = resolver_.add(shred).outcome;
    EXPECT_EQ(resolver_.counts().added, resolver_.counts().accounted());
    return outcome;
  }

  FixedLeader leader_{public_key_of(testing::test_leader(0))};
  testing::RecordingObserver seen_;
  FecResolver resolver_{small(), &leader_, &seen_};
};

void expect_same_shreds(const testing::RecordedSet& rebuilt, const SignedSet& set) {
  EXPECT_EQ(rebuilt.root, set.root);
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_EQ(rebuilt.shreds[i], set.shreds[i]) << i;
}

TEST_F(ResolverTest, InOrderTheFirstHalfIsAcceptedAndTheRestIsLate) {
  const SignedSet set = make_signed_set({});
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_EQ(add(set.shreds[i]), i < 32 ? ShredOutcome::kAccepted : ShredOutcome::kLate) << i;
  }
  EXPECT_EQ(seen_.accepted, std::vector(set.shreds.begin(), set.shreds.begin() + 32));
  ASSERT_EQ(seen_.sets.size(), 1u);
  expect_same_shreds(seen_.sets.begin()->second, set);
  EXPECT_EQ(resolver_.counts().signature_checks, 1u);
  EXPECT_EQ(resolver_.counts().sets_finished, 1u);
  EXPECT_EQ(resolver_.open_sets(), 0u);
}

TEST_F(ResolverTest, AnyThirtyTwoMembersInAnyOrderRebuildTheSet) {
  std::mt19937_64 random(5);
  for (std::uint32_t round = 0; round < 40; ++round) {
    const SetPlan plan{
        .fec_set_index = 32 * round, .flags_of_last = 0xc5, .resigned = round % 2 == 1, .seed = round};
    const SignedSet set = make_signed_set(plan);
    std::vector<std::size_t> order(64);
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = 64; i > 1; --i)
      std::swap(order[i - 1], order[random() % i]);
    for (std::size_t i = 0; i < 31; ++i)
      EXPECT_EQ(add(set.shreds[order[i]]), ShredOutcome::kAccepted);
    EXPECT_EQ(seen_.sets.size(), round);
    EXPECT_EQ(add(set.shreds[order[31]]), ShredOutcome::kAccepted);
    ASSERT_EQ(seen_.sets.size(), round + 1);
    expect_same_shreds(seen_.sets.rbegin()->second, set);
  }
}

TEST_F(ResolverTest, InterleavedSetsDoNotMix) {
  std::vector<SignedSet> sets;
  for (std::uint32_t s = 0; s < 8; ++s) {
    sets.push_back(make_signed_set({.slot = 1000 + s / 4, .fec_set_index = 32 * (s % 4), .seed = s}));
  }
  for (std::size_t i = 16; i < 48; ++i) {
    for (const SignedSet& set : sets)
      EXPECT_EQ(add(set.shreds[i]), ShredOutcome::kAccepted);
  }
  ASSERT_EQ(seen_.sets.size(), 8u);
  std::size_t s = 0;
  for (const auto& [key, rebuilt] : seen_.sets)
    expect_same_shreds(rebuilt, sets[s++]);
}

TEST_F(ResolverTest, DuplicatesCostNoHashAndFillNoSet) {
  const SignedSet set = make_signed_set({});
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 31; ++i) {
      EXPECT_EQ(add(set.shreds[i]), round == 0 ? ShredOutcome::kAccepted : ShredOutcome::kDuplicate);
    }
  }
  EXPECT_TRUE(seen_.sets.empty());
  EXPECT_EQ(resolver_.counts().duplicates, 62u);
}

TEST_F(ResolverTest, AResignedShredFromAnotherParentIsADuplicate) {
  SignedSet set = make_signed_set({.resigned = true});
  EXPECT_EQ(add(set.shreds[0]), ShredOutcome::kAccepted);
  for (std::size_t i = 1; i <= 64; ++i)
    *(set.shreds[0].end() - static_cast<std::ptrdiff_t>(i)) = std::byte{0xaa};
  EXPECT_EQ(add(set.shreds[0]), ShredOutcome::kDuplicate);
  for (std::size_t i = 1; i < 32; ++i)
    add(set.shreds[i]);
  for (std::size_t i = 1; i <= 64; ++i)
    *(set.shreds[40].end() - static_cast<std::ptrdiff_t>(i)) = std::byte{0xbb};
  EXPECT_EQ(add(set.shreds[40]), ShredOutcome::kLate);
}

TEST_F(ResolverTest, TheRetransmitterSignatureOfAnAcceptedShredIsKept) {
  SignedSet set = make_signed_set({.resigned = true});
  set.shreds[3].back() = std::byte{0x42};
  add(set.shreds[3]);
  EXPECT_EQ(seen_.accepted.back(), set.shreds[3]);
}

TEST_F(ResolverTest, BytesAfterTheShredAreToleratedAndCounted) {
  SignedSet set = make_signed_set({});
  const auto whole = set.shreds[0];
  set.shreds[0].resize(1472, std::byte{0xff});
  EXPECT_EQ(add(set.shreds[0]), ShredOutcome::kAccepted);
  EXPECT_EQ(seen_.accepted.back(), whole);
  EXPECT_EQ(resolver_.counts().trailing_bytes, 1u);
}

TEST_F(ResolverTest, AFinishedSetIsRememberedAfterItsMemoryIsGone) {
  const SignedSet first = make_signed_set({});
  for (std::size_t i = 0; i < 32; ++i)
    add(first.shreds[i]);
  for (std::uint32_t s = 1; s < 30; ++s) {
    const SignedSet other = make_signed_set({.fec_set_index = 32 * s});
    for (std::size_t i = 0; i < 32; ++i)
      add(other.shreds[i]);
  }
  EXPECT_EQ(add(first.shreds[40]), ShredOutcome::kLate);
  EXPECT_EQ(add(first.shreds[40]), ShredOutcome::kDuplicate);
  EXPECT_EQ(seen_.times_finished[SetKey{.slot = 1000}], 1);
}

TEST_F(ResolverTest, BytesGivenToTheObserverStayForTheFurtherSets) {
  struct Keeper : ResolverObserver {
    void on_accepted(const AcceptedShred& shred) override {
      if (first.empty()) first = shred.bytes;
    }
    std::span<const std::byte> first;
  } keeper;
  FecResolver resolver(
      {.max_open_sets = 1, .reuse_after = 3, .history = 64, .held_sets = 1, .negative_cells = 1}, &leader_,
      &keeper);
  const SignedSet set = make_signed_set({});
  for (std::size_t i = 0; i < 32; ++i)
    resolver.add(set.shreds[i]);
  for (std::uint32_t s = 1; s <= 3; ++s) {
    const SignedSet other = make_signed_set({.fec_set_index = 32 * s, .seed = s});
    for (std::size_t i = 0; i < 32; ++i)
      resolver.add(other.shreds[i]);
    EXPECT_TRUE(std::equal(keeper.first.begin(), keeper.first.end(), set.shreds[0].begin())) << s;
  }
}

TEST_F(ResolverTest, WithoutARootTheWindowBeginsAtTheFirstVerifiedSet) {
  const SignedSet forged = make_signed_set({.slot = 5000, .leader = 1});
  EXPECT_EQ(resolver_.add(forged.shreds[0]).reason, RejectReason::kSignature);
  EXPECT_EQ(add(make_signed_set({.slot = 1000}).shreds[0]), ShredOutcome::kAccepted);
  EXPECT_EQ(resolver_.add(make_signed_set({.slot = 999}).shreds[0]).reason, RejectReason::kSlotWindow);
  EXPECT_EQ(resolver_.add(make_signed_set({.slot = 217'001}).shreds[0]).reason, RejectReason::kSlotWindow);
  EXPECT_EQ(add(make_signed_set({.slot = 217'000}).shreds[0]), ShredOutcome::kAccepted);
}

TEST_F(ResolverTest, MovingTheRootDropsOldSets) {
  add(make_signed_set({.slot = 1000}).shreds[0]);
  add(make_signed_set({.slot = 1001}).shreds[0]);
  add(make_signed_set({.slot = 1002}).shreds[0]);
  resolver_.set_root(1001);
  EXPECT_EQ(resolver_.open_sets(), 1u);
  EXPECT_EQ(seen_.dropped.size(), 2u);
  EXPECT_EQ(resolver_.add(make_signed_set({.slot = 1001}).shreds[5]).reason, RejectReason::kSlotWindow);
  EXPECT_EQ(add(make_signed_set({.slot = 1002}).shreds[5]), ShredOutcome::kAccepted);
}

TEST_F(ResolverTest, WithoutLeadersSetsAreBelievedUnverified) {
  FecResolver resolver(small(), nullptr, &seen_);
  const SignedSet set = make_signed_set({.leader = 9});
  for (std::size_t i = 0; i < 32; ++i)
    EXPECT_EQ(resolver.add(set.shreds[i]).outcome, ShredOutcome::kAccepted);
  EXPECT_EQ(seen_.sets.size(), 1u);
  EXPECT_EQ(resolver.counts().signature_checks, 0u);
}

TEST_F(ResolverTest, ARepairResponseNeedsItsNonce) {
  struct Requests : RepairRequests {
    bool expects(const ShredHeader& header, std::uint32_t nonce) override {
      return header.index == 3 && nonce == 7;
    }
  } requests;
  FecResolver resolver(small(), &leader_, &seen_, &requests);
  const SignedSet set = make_signed_set({});
  auto response = set.shreds[3];
  EXPECT_EQ(resolver.add_repair(response).reason, RejectReason::kLength);
  response.insert(response.end(), {std::byte{8}, std::byte{0}, std::byte{0}, std::byte{0}});
  EXPECT_EQ(resolver.add_repair(response).reason, RejectReason::kNonce);
  response[kDataShredSize] = std::byte{7};
  EXPECT_EQ(resolver.add_repair(response).outcome, ShredOutcome::kAccepted);
  response.push_back(std::byte{0});
  EXPECT_EQ(resolver.add_repair(response).reason, RejectReason::kLength);
  EXPECT_EQ(resolver.counts().added, resolver.counts().accounted());

  auto unchecked = set.shreds[4];
  unchecked.resize(unchecked.size() + 4);
  EXPECT_EQ(FecResolver(small(), &leader_, nullptr).add_repair(unchecked).outcome, ShredOutcome::kAccepted);
}

TEST_F(ResolverTest, RuleEightIsReportedAndNothingIsDiscarded) {
  const auto shorten = [](std::size_t member, std::vector<std::byte>& shred) {
    if (member == 31) shred[kSizeOffset] = std::byte{88}, shred[kSizeOffset + 1] = std::byte{0};
  };
  const SignedSet set = make_signed_set({.before_coding = shorten});
  for (std::size_t i = 32; i < 64; ++i)
    EXPECT_EQ(add(set.shreds[i]), ShredOutcome::kAccepted);
  ASSERT_EQ(seen_.sets.size(), 1u);
  EXPECT_FALSE(seen_.sets.begin()->second.follows_rule_8);
  EXPECT_EQ(resolver_.counts().rule_8_broken, 1u);

  const SignedSet good =
      make_signed_set({.fec_set_index = 32, .flags_of_last = 0x40, .before_coding = shorten});
  for (std::size_t i = 32; i < 64; ++i)
    add(good.shreds[i]);
  EXPECT_TRUE(seen_.sets.rbegin()->second.follows_rule_8);
}

}  // namespace
}  // namespace penstock
