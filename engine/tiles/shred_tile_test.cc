// The shred tile over a pool and links made here: both ports, overrun, modes, and its account.
#include "engine/tiles/shred_tile.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/shred/testing/recording_observer.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using testing::make_signed_set;
using testing::SignedSet;

constexpr std::uint32_t kDepth = 128;
constexpr std::uint16_t kTurbinePort = 8003, kRepairPort = 8010;

// A link and its producer, over a pool of its own.
class TestLink {
 public:
  explicit TestLink(std::uint16_t port) : port_(port) {}

  void publish(std::span<const std::byte> payload) {
    const FrameMemory& memory = umem_.memory();
    const std::uint16_t offset = 256 + 42;
    std::copy(payload.begin(), payload.end(), memory.base + memory.address_of(free_) + offset);
    Frag frag;
    frag.frame = free_;
    frag.offset = offset;
    frag.length = static_cast<std::uint16_t>(payload.size());
    frag.destination_port = port_;
    free_ = link_.publish(frag).frame;
  }
  ShredLink link() const { return {lines_.lines(), umem_.memory()}; }
  std::uint64_t published() const { return link_.next(); }

 private:
  static Frag initial(std::uint64_t i) {
    Frag frag;
    frag.frame = static_cast<std::uint32_t>(i);
    return frag;
  }

  std::uint16_t port_;
  Umem umem_ = *Umem::create(kDepth + 1);
  McacheMemory lines_{kDepth};
  McacheProducer<Frag> link_{lines_.lines(), initial};
  std::uint32_t free_ = kDepth;
};

struct OneNonce final : RepairRequests {
  bool expects(const ShredHeader&, std::uint32_t nonce) override { return nonce == 7; }
};

class ShredTileTest : public ::testing::Test {
 protected:
  static FecResolverConfig config() {
    return {.max_open_sets = 8, .reuse_after = 4, .history = 64, .held_sets = 4, .negative_cells = 8};
  }

  void run(ShredTile& tile) {
    while (tile.step(0) != 0) {
    }
    const CounterSnapshot c = tile.counters().snapshot();
    const ResolverCounts counts(c);
    EXPECT_EQ(turbine_.published() + repair_.published(), counts.added + c.overrun(Consumer::kShred));
    EXPECT_EQ(counts.added, counts.accounted());
  }
  std::array<ShredLink, 2> links() const { return {turbine_.link(), repair_.link()}; }

  void SetUp() override { tile_.set_repair_ports(std::array{kRepairPort}); }

  TestLink turbine_{kTurbinePort}, repair_{kRepairPort};
  FixedLeader leader_{public_key_of(testing::test_leader(0))};
  testing::RecordingObserver seen_;
  OneNonce requests_;
  ShredTile tile_{config(), links(), &leader_, &seen_, &requests_};
};

std::vector<std::byte> with_nonce(std::vector<std::byte> shred, std::uint8_t nonce) {
  shred.insert(shred.end(), {std::byte{nonce}, std::byte{0}, std::byte{0}, std::byte{0}});
  return shred;
}

TEST_F(ShredTileTest, AssemblesASetFromBothPorts) {
  const SignedSet set = make_signed_set({});
  for (std::size_t i = 0; i < 20; ++i)
    turbine_.publish(set.shreds[i]);
  for (std::size_t i = 20; i < 40; ++i)
    repair_.publish(with_nonce(set.shreds[i], 7));
  run(tile_);
  ASSERT_EQ(seen_.sets.size(), 1u);
  for (std::size_t i = 0; i < 64; ++i)
    EXPECT_EQ(seen_.sets.begin()->second.shreds[i], set.shreds[i]);
  const CounterSnapshot c = tile_.counters().snapshot();
  EXPECT_EQ(c.get(Counter::kShredAccepted), 32u);
  EXPECT_EQ(c.get(Counter::kShredLate), 8u);
  EXPECT_EQ(c.get(Counter::kFecSetsFinished), 1u);
}

TEST_F(ShredTileTest, ThePortsHaveRulesOfTheirOwn) {
  const SignedSet set = make_signed_set({});
  turbine_.publish(with_nonce(set.shreds[0], 1));  // four bytes behind it: tolerated here
  repair_.publish(set.shreds[1]);                  // no nonce
  repair_.publish(with_nonce(set.shreds[2], 8));   // another request's
  repair_.publish(with_nonce(set.shreds[3], 7));
  run(tile_);
  const CounterSnapshot c = tile_.counters().snapshot();
  EXPECT_EQ(c.get(Counter::kShredAccepted), 2u);
  EXPECT_EQ(c.get(Counter::kShredTrailing), 1u);
  EXPECT_EQ(c.get(RejectReason::kLength), 1u);
  EXPECT_EQ(c.get(RejectReason::kNonce), 1u);
}

TEST_F(ShredTileTest, APortBecomesARepairPortAndNoneAgainBetweenTwoSteps) {
  const SignedSet set = make_signed_set({});
  tile_.set_repair_ports({});
  repair_.publish(set.shreds[0]);  // as any other
  run(tile_);
  EXPECT_EQ(tile_.counters().get(Counter::kShredAccepted), 1u);
  tile_.set_repair_ports(std::array<std::uint16_t, 2>{9000, kRepairPort});
  repair_.publish(set.shreds[1]);
  turbine_.publish(set.shreds[2]);
  run(tile_);
  EXPECT_EQ(tile_.counters().get(Counter::kShredAccepted), 2u);
  EXPECT_EQ(tile_.counters().snapshot().get(RejectReason::kLength), 1u);
  tile_.set_repair_ports(std::array<std::uint16_t, 1>{9000});
  repair_.publish(set.shreds[3]);
  run(tile_);
  EXPECT_EQ(tile_.counters().get(Counter::kShredAccepted), 3u);
}

TEST_F(ShredTileTest, OverrunIsCountedExactlyAndTheRestIsGood) {
  std::vector<SignedSet> sets;
  for (std::uint32_t s = 0; s < 4; ++s)
    sets.push_back(make_signed_set({.fec_set_index = 32 * s, .seed = s}));
  for (const SignedSet& set : sets) {
    for (const auto& shred : set.shreds)
      turbine_.publish(shred);
  }
  run(tile_);  // 256 published, 128 lines
  const CounterSnapshot c = tile_.counters().snapshot();
  EXPECT_GE(c.overrun(Consumer::kShred), kDepth);
  EXPECT_LT(c.overrun(Consumer::kShred), 2 * kDepth);
  EXPECT_EQ(c.sum(Counter::kShredDiscarded), 0u);
  EXPECT_GE(seen_.sets.size(), 1u);
}

TEST_F(ShredTileTest, EmptyPayloadsAreALengthOfTheirOwn) {
  turbine_.publish({});
  run(tile_);
  EXPECT_EQ(tile_.counters().snapshot().get(RejectReason::kLength), 1u);
}

// The verdicts are those of the account, each beside the bytes that were judged.
TEST_F(ShredTileTest, WhatBecameOfEachPayloadGoesOnWithACopyOfIt) {
  auto verdicts = VerdictLink::create(kDepth, kDefaultFrameBytes);
  ASSERT_TRUE(verdicts) << verdicts.error().message();
  ShredTile tile(config(), links(), &leader_, &seen_, &requests_, verdicts->get());
  tile.set_repair_ports(std::array{kRepairPort});
  const SignedSet honest = make_signed_set({}), forged = make_signed_set({.fec_set_index = 32, .leader = 1});
  const std::vector<std::vector<std::byte>> sent = {
      honest.shreds[0], honest.shreds[1], honest.shreds[1], forged.shreds[0], {}};
  for (const auto& payload : sent)
    turbine_.publish(payload);
  repair_.publish(with_nonce(honest.shreds[2], 7));
  run(tile);

  std::vector<std::string> said;
  Fseq fseq;
  McacheConsumer<Frag> consumer((*verdicts)->lines(), fseq);
  for (Frag frag; consumer.poll(frag); consumer.accept()) {
    const std::size_t n = said.size();
    const auto bytes = bytes_of((*verdicts)->memory(), frag);
    const auto payload = n < sent.size() ? sent[n] : with_nonce(honest.shreds[2], 7);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), payload.begin(), payload.end())) << n;
    EXPECT_EQ(frag.destination_port, n < sent.size() ? kTurbinePort : kRepairPort);
    said.push_back(text_of(verdict_of(frag)));
  }
  EXPECT_EQ(said,
            (std::vector<std::string>{
                "accepted", "accepted", "duplicate",
                "refused: signature (leader's signature does not cover the Merkle root (strict rule 1))",
                "refused: length (shorter than a shred of its variant, or a repair response not shred + 4)",
                "accepted"}));
}

TEST_F(ShredTileTest, ACaptureThatTakesNothingSlowsNobody) {
  auto verdicts = VerdictLink::create(kMinMcacheDepth, kDefaultFrameBytes);
  ASSERT_TRUE(verdicts) << verdicts.error().message();
  ShredTile tile(config(), links(), &leader_, &seen_, nullptr, verdicts->get());
  const SignedSet set = make_signed_set({});
  for (const auto& shred : set.shreds)
    turbine_.publish(shred);
  run(tile);
  EXPECT_EQ(tile.counters().get(Counter::kFecSetsFinished), 1u);
  Fseq fseq;
  McacheConsumer<Frag> late((*verdicts)->lines(), fseq);
  std::uint64_t taken = 0;
  for (Frag frag; late.poll(frag); late.accept())
    ++taken;
  EXPECT_EQ(taken + late.lost(), set.shreds.size());
}

TEST_F(ShredTileTest, CheapChecksSpendNoCryptographyAndFindNoDuplicates) {
  FecResolverConfig cheap = config();
  cheap.checks = ShredChecks::kCheap;
  cheap.version = 1;
  ShredTile tile(cheap, links(), nullptr, &seen_);
  SignedSet forged = make_signed_set({.leader = 1});
  turbine_.publish(forged.shreds[0]);
  turbine_.publish(forged.shreds[0]);
  forged.shreds[1][kVersionOffset] = std::byte{9};
  turbine_.publish(forged.shreds[1]);
  run(tile);
  const CounterSnapshot c = tile.counters().snapshot();
  EXPECT_EQ(c.get(Counter::kShredAccepted), 2u);
  EXPECT_EQ(c.get(RejectReason::kVersion), 1u);
  EXPECT_EQ(c.get(Counter::kShredSignatureChecks), 0u);
  EXPECT_TRUE(seen_.accepted.empty());
}

TEST_F(ShredTileTest, TheWindowFollowsFinishedSets) {
  FecResolverConfig following = config();
  following.follow_slots = 10;
  ShredTile tile(following, links(), &leader_, &seen_);
  const auto publish_half = [&](std::uint64_t slot) {
    const SignedSet set = make_signed_set({.slot = slot, .seed = slot});
    for (std::size_t i = 0; i < 32; ++i)
      turbine_.publish(set.shreds[i]);
  };
  publish_half(1000);
  turbine_.publish(make_signed_set({.slot = 995}).shreds[0]);  // 990 is the root
  turbine_.publish(make_signed_set({.slot = 990}).shreds[0]);
  run(tile);
  EXPECT_EQ(tile.counters().snapshot().get(RejectReason::kSlotWindow), 1u);
  publish_half(1006);
  run(tile);
  EXPECT_EQ(seen_.dropped, (std::vector<SetKey>{{995, 0}}));
  turbine_.publish(make_signed_set({.slot = 995}).shreds[1]);
  publish_half(1000);  // late, and behind: moves nothing back
  run(tile);
  EXPECT_EQ(tile.counters().snapshot().get(RejectReason::kSlotWindow), 2u);
}

TEST_F(ShredTileTest, ARootThatIsGivenMovesTheWindow) {
  turbine_.publish(make_signed_set({.slot = 1000}).shreds[0]);
  run(tile_);
  tile_.set_root(1000);
  EXPECT_EQ(seen_.dropped.size(), 1u);
  turbine_.publish(make_signed_set({.slot = 1000}).shreds[1]);
  run(tile_);
  EXPECT_EQ(tile_.counters().snapshot().get(RejectReason::kSlotWindow), 1u);
}

}  // namespace
}  // namespace penstock
