// What the shred stage behind a consumer makes of a run's payloads, and that its account closes.
#include "sim/scenario/delivery.h"

#include <vector>

#include <gtest/gtest.h>

#include "sim/workload/leader_source.h"

namespace penstock {
namespace {

constexpr Endpoint kFrom{{{198, 18, 0, 1}}, 8006};
constexpr Endpoint kTo{{{10, 0, 0, 2}}, 8003};
constexpr Endpoint kRepair{{{10, 0, 0, 2}}, 8007};

class DeliveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (FecSet& set : sets_)
      ASSERT_TRUE(source_.next_set(&set));
  }
  ShredStageConfig stage(ShredChecks checks) const {
    return {.checks = checks, .version = 6051, .leader = source_.leader(), .repair_port = kRepair.port};
  }
  static void add(Delivery& delivery, const FecSet& set, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      delivery.add(kFrom, kTo, set.member(i));
  }

  LeaderSource source_{{.seed = 5}};
  std::vector<FecSet> sets_{3};
};

TEST_F(DeliveryTest, SetsAreTheResolvers) {
  Delivery delivery(stage(ShredChecks::kFull));
  add(delivery, sets_[0], 0, 64);
  add(delivery, sets_[1], 10, 50);
  add(delivery, sets_[2], 0, 31);
  add(delivery, sets_[0], 3, 4);
  const ShredCounts counts = delivery.shreds();
  EXPECT_EQ(counts.sets_complete, 1u);
  EXPECT_EQ(counts.sets_recovered, 1u);
  EXPECT_EQ(counts.sets_incomplete, 1u);
  EXPECT_EQ(counts.accepted, 32u + 32 + 31);
  EXPECT_EQ(counts.late, 32u + 8);
  EXPECT_EQ(counts.duplicate, 1u);
  EXPECT_EQ(counts.signature_checks, 3u);
  EXPECT_EQ(counts.variants.at("0x96"), 32u + 1 + 22 + 31);
  EXPECT_EQ(delivery.account().closed(), true) << delivery.account().to_string();
}

TEST_F(DeliveryTest, ADoubleIsAConflictAndItsShredsAreDiscarded) {
  FecSet twice;
  ASSERT_TRUE(source_.spoiled_set(SpoiledSet::kDouble, sets_[0], 0, &twice));
  Delivery delivery(stage(ShredChecks::kFull));
  add(delivery, sets_[0], 0, 5);
  add(delivery, twice, 0, 7);
  const ShredCounts counts = delivery.shreds();
  EXPECT_EQ(counts.conflicts, 1u);
  EXPECT_EQ(counts.discarded, (std::map<std::string, std::uint64_t>{{"conflict", 7}}));
  EXPECT_EQ(delivery.account().closed(), true) << delivery.account().to_string();
}

TEST_F(DeliveryTest, TheRepairPortWantsANonce) {
  Delivery delivery(stage(ShredChecks::kFull));
  const auto shred = sets_[0].member(0);
  std::vector<std::byte> response(shred.begin(), shred.end());
  delivery.add(kFrom, kRepair, response);
  response.resize(response.size() + 4);
  delivery.add(kFrom, kRepair, response);
  EXPECT_EQ(delivery.shreds().accepted, 1u);
  EXPECT_EQ(delivery.shreds().discarded.at("length"), 1u);
  EXPECT_EQ(delivery.account().closed(), true) << delivery.account().to_string();
}

TEST_F(DeliveryTest, CheapChecksCountSetsByHeader) {
  Delivery delivery(stage(ShredChecks::kCheap));
  add(delivery, sets_[0], 0, 64);
  add(delivery, sets_[1], 0, 40);
  add(delivery, sets_[1], 0, 1);
  const ShredCounts counts = delivery.shreds();
  EXPECT_EQ(counts.sets_complete, 1u);
  EXPECT_EQ(counts.sets_recovered, std::nullopt);
  EXPECT_EQ(counts.sets_incomplete, 1u);
  EXPECT_EQ(counts.accepted, 105u);
  EXPECT_EQ(counts.signature_checks, 0u);
  EXPECT_EQ(delivery.account().closed(), true) << delivery.account().to_string();
}

}  // namespace
}  // namespace penstock
