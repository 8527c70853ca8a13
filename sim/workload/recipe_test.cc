// Recipes from end to end: every profile by name, the golden capture byte for byte, hostile and impaired.
#include "sim/workload/recipe.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/shred/merkle.h"
#include "engine/shred/parse.h"
#include "engine/shred/signature.h"
#include "engine/testing/fixtures.h"
#include "sim/workload/ledger.h"

namespace penstock {
namespace {

constexpr std::size_t kPayload = 42;

WorkloadRecipe recipe_of(std::string profile) {
  return {.profile = std::move(profile),
          .link = {.sender_mac = {{2, 0, 0, 0, 0, 1}},
                   .receiver_mac = {{2, 0, 0, 0, 0, 2}},
                   .receiver = {{10, 0, 0, 2}}}};
}

PreparedWorkload prepared(const WorkloadRecipe& recipe) {
  Result<PreparedWorkload> made = prepare_workload(recipe);
  EXPECT_TRUE(made) << made.error().message();
  return std::move(*made);
}

Ledger ledger_of(const Workload& workload) {
  Ledger ledger(oracle_of(workload));
  ledger.add(workload);
  return ledger;
}

TEST(Recipe, SameRecipeSameWorkload) {
  WorkloadRecipe recipe = recipe_of("mixed");
  recipe.content = ShredContent::kSigned;
  recipe.hostile = {"bad_ip_checksum", "fragments"};
  recipe.hostile_each = 10;
  recipe.impairments = Impairments{.loss_ppm = 20'000, .duplicate_ppm = 20'000};
  EXPECT_EQ(fingerprint(prepared(recipe).workload),
            "f7de50e0d4eddc12e226055aa8eae5f680200c8a3bb42568b19b042f78b3931b");
}

TEST(Recipe, SignedShredsVerifyWithTheLeaderItNames) {
  WorkloadRecipe recipe = recipe_of("mainnet-1x");
  recipe.content = ShredContent::kSigned;
  const PreparedWorkload made = prepared(recipe);
  ASSERT_TRUE(made.leader);
  MerkleHasher hasher;
  int checked = 0;
  for (const TimedFrame& frame : made.workload.frames()) {
    if (frame.kind != FrameKind::kShred || ++checked % 16 != 0) continue;
    const auto shred = frame.bytes.subspan(kPayload);
    const ShredLayout layout = layout_of(parse_shred(shred).header.variant);
    MerkleHash root{};
    ASSERT_TRUE(hasher.fold(hasher.leaf_of(shred, layout), frame.origin.member,
                            shred.subspan(layout.proof, 120), root));
    EXPECT_TRUE(verify(*made.leader, root, shred.first<64>()));
  }
  EXPECT_GT(checked, 1'500);
}

TEST(Recipe, UnsignedShredsHaveNoLeader) {
  EXPECT_FALSE(prepared(recipe_of("mainnet-1x")).leader);
}

TEST(Recipe, RaisedIndexLimitsLetLongSlotsThrough) {
  WorkloadRecipe recipe = recipe_of("fd-1m-small");
  const PreparedWorkload made = prepared(recipe);
  EXPECT_EQ(made.arrivals.delivered, 155'776u);
  EXPECT_EQ(made.workload.frames().size(), 155'776u);
}

TEST(Recipe, AddsHostileCasesAmongTheRest) {
  WorkloadRecipe recipe = recipe_of("mainnet-1x");
  recipe.hostile = {"unknown_variant", "bad_udp_checksum"};
  recipe.hostile_each = 50;
  const Workload workload = std::move(prepared(recipe).workload);
  const Ledger ledger = ledger_of(workload);
  EXPECT_EQ(ledger.of_kind(FrameKind::kHostile).frames, 100u);
  EXPECT_EQ(ledger.unchecked().count(), 50u);
  std::size_t early = 0;
  const auto frames = workload.frames();
  for (std::size_t i = 0; i < frames.size() / 2; ++i)
    early += frames[i].kind == FrameKind::kHostile;
  EXPECT_GT(early, 20u);
  EXPECT_LT(early, 80u);
}

TEST(Recipe, ImpairmentsAreCounted) {
  WorkloadRecipe recipe = recipe_of("first-light");
  recipe.impairments = Impairments{.loss_ppm = 100'000};
  const PreparedWorkload made = prepared(recipe);
  EXPECT_EQ(made.impaired.offered, 1'600u);
  EXPECT_GT(made.impaired.lost, 100u);
  EXPECT_EQ(ledger_of(made.workload).fast().count(), 1'600 - made.impaired.lost);
}

TEST(Recipe, PassesOnWhatIsWrong) {
  EXPECT_FALSE(prepare_workload(recipe_of("mainnet-2x")));
  EXPECT_FALSE(prepare_workload(recipe_of("fd-golden")));  // without its files
  WorkloadRecipe hostile = recipe_of("mainnet-1x");
  hostile.hostile = {"no_such_thing"};
  EXPECT_FALSE(prepare_workload(hostile));
  WorkloadRecipe impaired = recipe_of("mainnet-1x");
  impaired.impairments = Impairments{.loss_ppm = 2'000'000};
  EXPECT_FALSE(prepare_workload(impaired));
  WorkloadRecipe golden = recipe_of("fd-golden");
  golden.golden = GoldenFiles{"/nowhere/demo-shreds.bin", "/nowhere/demo-shreds.key"};
  const Result<PreparedWorkload> made = prepare_workload(golden);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message().find("/nowhere/demo-shreds.bin"), std::string::npos);
}

TEST(RecipeFixture, GoldenProfileSendsTheGoldenCaptureAndGoesOn) {
  for (const char* name : {"demo-shreds.bin", "demo-shreds.key", "demo-shreds.pcap"}) {
    if (!testing::fixture(name)) GTEST_SKIP() << testing::fixture_absent(name);
  }
  WorkloadRecipe recipe = recipe_of("fd-golden");
  recipe.golden = GoldenFiles{*testing::fixture("demo-shreds.bin"), *testing::fixture("demo-shreds.key")};
  recipe.slots = 3;
  const PreparedWorkload made = prepared(recipe);
  const auto captured = read_ethernet_frames(*testing::fixture("demo-shreds.pcap"));
  ASSERT_TRUE(captured);
  const auto frames = made.workload.frames();
  ASSERT_EQ(frames.size(), 3u * 512);
  for (std::size_t i = 0; i < captured->size(); ++i) {
    const auto payload = std::span((*captured)[i].bytes).subspan(kPayload);
    ASSERT_TRUE(
        std::equal(payload.begin(), payload.end(), frames[i].bytes.begin() + kPayload, frames[i].bytes.end()))
        << i;
  }
  const ShredHeader second = parse_shred(frames[512].bytes.subspan(kPayload)).header;
  EXPECT_EQ(second.slot, 1u);
  EXPECT_EQ(second.parent_offset, 1);
  EXPECT_EQ(ledger_of(made.workload).sets(), (SetStates{.complete = 24}));
}

}  // namespace
}  // namespace penstock
