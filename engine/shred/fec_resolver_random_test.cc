// The resolver under random traffic: order, loss, duplicates, forgeries, equivocation, floods and moving
// roots, from a seed. After every step the invariants of fec_resolver.h must hold.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/recording_observer.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using testing::SignedSet;
using Shred = std::vector<std::byte>;

constexpr std::uint64_t kFirstSlot = 1000;
constexpr std::uint32_t kSetsPerSlot = 6;

// Equal but for the retransmitter's signature, which nobody can check: the first to come is kept.
bool same_shred(std::span<const std::byte> a, std::span<const std::byte> b) {
  if (a.size() != b.size()) return false;
  const ShredLayout layout = layout_of(std::to_integer<std::uint8_t>(b[kVariantOffset]));
  const std::size_t size =
      layout.retransmitter_signature != 0 ? layout.retransmitter_signature : layout.total;
  return std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(size), b.begin());
}

// Checks each call as it comes, and keeps only what the end needs.
class Judge : public ResolverObserver {
 public:
  explicit Judge(const std::vector<SignedSet>& sets) {
    for (const SignedSet& set : sets)
      honest_[set.root] = &set;
  }

  void on_accepted(const AcceptedShred& shred) override {
    const auto set = honest_.find(shred.set.root);
    ASSERT_NE(set, honest_.end()) << "accepted under a root that no leader signed";
    ASSERT_TRUE(same_shred(shred.bytes, set->second->shreds[shred.header.member()]));
  }
  void on_finished(const FinishedSet& finished) override {
    ASSERT_TRUE(finished_.insert(finished.set.key).second) << "completed twice";
    const SignedSet& set = *honest_.at(finished.set.root);
    for (std::size_t i = 0; i < 64; ++i)
      ASSERT_TRUE(same_shred(finished.member(i), set.shreds[i]));
  }
  void on_failed(const SetRecord&) override { FAIL() << "all signed sets here are consistent"; }
  void on_dropped(const SetRecord&) override { ++dropped_; }

  const std::set<SetKey>& finished() const { return finished_; }
  std::size_t dropped() const { return dropped_; }

 private:
  std::map<MerkleHash, const SignedSet*> honest_;
  std::set<SetKey> finished_;
  std::size_t dropped_ = 0;
};

// A shred as an attacker without a key sends it: of any set, with something changed.
Shred forge(const SignedSet& set, std::mt19937_64& random) {
  Shred shred = set.shreds[random() % 64];
  switch (random() % 6) {
    case 0:  // any byte
      shred[random() % shred.size()] ^= static_cast<std::byte>(1 + random() % 255);
      break;
    case 1:  // another signature
      for (std::size_t i = 0; i < 64; ++i)
        shred[i] = static_cast<std::byte>(random());
      break;
    case 2:  // all headers
      for (std::size_t i = 64; i < 89; ++i)
        shred[i] = static_cast<std::byte>(random());
      break;
    case 3:  // cut short
      shred.resize(random() % shred.size());
      break;
    case 4:  // payload
      for (std::size_t i = 200; i < 300; ++i)
        shred[i] = static_cast<std::byte>(random());
      break;
    default:  // noise altogether
      for (std::byte& byte : shred)
        byte = static_cast<std::byte>(random());
      break;
  }
  return shred;
}

class RandomTraffic : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomTraffic, KeepsTheInvariants) {
  std::mt19937_64 random(GetParam());
  std::vector<SignedSet> sets;
  for (std::uint32_t s = 0; s < 24; ++s) {
    testing::SetPlan plan{.slot = kFirstSlot + s / kSetsPerSlot, .fec_set_index = 32 * (s % kSetsPerSlot)};
    plan.resigned = s % kSetsPerSlot == kSetsPerSlot - 1;
    plan.seed = GetParam() << 8 | s;
    sets.push_back(make_signed_set(plan));
    if (s % 8 == 3) {  // and its double
      plan.seed += 1000;
      sets.push_back(make_signed_set(plan));
    }
  }
  Judge judge(sets);
  const FixedLeader leader(public_key_of(testing::test_leader(0)));
  const FecResolverConfig config{.max_open_sets = GetParam() % 2 == 0 ? 6u : 64u,
                                 .reuse_after = 4,
                                 .history = 256,
                                 .held_sets = 8,
                                 .negative_cells = 64,
                                 .signature_credit = 8,
                                 .hash_seed = GetParam()};
  FecResolver resolver(config, &leader, &judge);

  for (int step = 0; step < 6000 && !HasFatalFailure(); ++step) {
    // Sets come roughly in order: a window that moves on.
    const std::size_t front = static_cast<std::size_t>(step) * sets.size() / 6000;
    const std::size_t chosen =
        std::min(sets.size() - 1, front + random() % 5 - std::min<std::size_t>(front, 2));
    const SignedSet& set = sets[chosen];
    if (random() % 3 == 0) {
      resolver.add(forge(set, random));
    } else {
      resolver.add(set.shreds[random() % 64]);
    }
    ASSERT_EQ(resolver.counts().added, resolver.counts().accounted());
    ASSERT_EQ(resolver.counts().added, static_cast<std::uint64_t>(step) + 1);
    ASSERT_LE(resolver.open_sets(), config.max_open_sets);
    ASSERT_LE(resolver.counts().held, config.held_sets * HeldShreds::kShredsPerEntry);
    if (step == 4000) resolver.set_root(kFirstSlot);
  }
  const ResolverCounts counts = resolver.counts();
  EXPECT_EQ(counts.sets_finished, judge.finished().size());
  EXPECT_EQ(counts.sets_dropped, judge.dropped());
  EXPECT_EQ(counts.sets_opened, counts.sets_finished + counts.sets_dropped + resolver.open_sets());
  // The traffic did exercise what it is meant to.
  EXPECT_GT(counts.sets_finished, 10u);
  EXPECT_GT(counts.duplicates, 100u);
  EXPECT_GT(counts.late, 100u);
  EXPECT_GT(counts.rejected_for(RejectReason::kMerkle), 50u);
  EXPECT_GT(counts.equivocations, 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTraffic, ::testing::Range<std::uint64_t>(1, 13));

}  // namespace
}  // namespace penstock
