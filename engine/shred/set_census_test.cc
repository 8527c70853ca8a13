// The census of shreds and sets.
#include "engine/shred/set_census.h"

#include <vector>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/testing/fixtures.h"

namespace penstock {
namespace {

std::vector<std::byte> member(std::uint64_t slot, std::uint32_t fec_set_index, std::uint32_t member) {
  const bool data = member < 32;
  ShredHeader header{.slot = slot,
                     .index = fec_set_index + member % 32,
                     .fec_set_index = fec_set_index,
                     .variant = data ? kDataVariant : kCodeVariant};
  if (data) {
    header.parent_offset = 1;
    header.size = 88;
  } else {
    header.num_data = header.num_code = 32;
    header.position = static_cast<std::uint16_t>(member % 32);
  }
  std::vector<std::byte> shred(layout_of(header.variant).total);
  write_shred_header(header, shred);
  return shred;
}

void add_members(SetCensus& census, std::uint64_t slot, std::uint32_t fec_set_index, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    EXPECT_EQ(census.add(member(slot, fec_set_index, i)), RejectReason::kNone);
  }
}

TEST(SetCensus, SortsSetsByDistinctMembers) {
  SetCensus census;
  add_members(census, 9, 0, 64);
  add_members(census, 9, 32, 63);
  add_members(census, 9, 64, 32);
  add_members(census, 9, 96, 31);
  add_members(census, 10, 0, 1);
  const CensusSummary summary = census.summary();
  EXPECT_EQ(summary.sets_full, 1u);
  EXPECT_EQ(summary.sets_recoverable, 2u);
  EXPECT_EQ(summary.sets_partial, 2u);
  EXPECT_EQ(summary.sets(), 5u);
  EXPECT_EQ(summary.duplicates, 0u);
  EXPECT_EQ(summary.by_variant[kDataVariant], 32u + 32 + 32 + 31 + 1);
  EXPECT_EQ(summary.by_variant[kCodeVariant], 32u + 31);
  EXPECT_EQ(summary.shreds(), 191u);
}

TEST(SetCensus, ADuplicateFillsNoSet) {
  SetCensus census;
  add_members(census, 1, 0, 31);
  add_members(census, 1, 0, 31);
  EXPECT_EQ(census.summary().duplicates, 31u);
  EXPECT_EQ(census.summary().sets_partial, 1u);
  EXPECT_EQ(census.summary().shreds(), 62u);
}

TEST(SetCensus, CountsRejectsByReason) {
  SetCensus census;
  EXPECT_EQ(census.add({}), RejectReason::kLength);
  auto bad = member(1, 0, 0);
  bad[kVariantOffset] = std::byte{0xa5};
  EXPECT_EQ(census.add(bad), RejectReason::kVariant);
  EXPECT_EQ(census.add(member(1, 1, 0)), RejectReason::kStrict4);
  const CensusSummary summary = census.summary();
  EXPECT_EQ(summary.rejected[static_cast<std::size_t>(RejectReason::kLength)], 1u);
  EXPECT_EQ(summary.rejected[static_cast<std::size_t>(RejectReason::kVariant)], 1u);
  EXPECT_EQ(summary.rejected[static_cast<std::size_t>(RejectReason::kStrict4)], 1u);
  EXPECT_EQ(summary.sets(), 0u);
  EXPECT_EQ(summary.shreds(), 0u);
}

TEST(SetCensus, TheModeDecidesAboutProofLengths) {
  auto other_length = member(1, 0, 0);
  other_length[kVariantOffset] = std::byte{0x95};
  EXPECT_EQ(SetCensus(RuleMode::kStrict).add(other_length), RejectReason::kStrict7);
  EXPECT_EQ(SetCensus(RuleMode::kCompat).add(other_length), RejectReason::kNone);
}

TEST(SetCensus, FollowsNoMoreSetsThanItsLimit) {
  SetCensus census(RuleMode::kCompat, 2);
  add_members(census, 1, 0, 1);
  add_members(census, 2, 0, 1);
  add_members(census, 3, 0, 5);
  add_members(census, 1, 0, 64);
  const CensusSummary summary = census.summary();
  EXPECT_EQ(summary.sets(), 2u);
  EXPECT_EQ(summary.sets_full, 1u);
  EXPECT_EQ(summary.beyond_limit, 5u);
  EXPECT_EQ(summary.duplicates, 1u);
  EXPECT_EQ(summary.shreds(), 71u);
}

CensusSummary census_of(const std::filesystem::path& capture) {
  SetCensus census(RuleMode::kStrict);
  const auto frames = read_ethernet_frames(capture);
  EXPECT_TRUE(frames) << frames.error().message();
  for (const OwnedFrame& frame : *frames)
    census.add(std::span(frame.bytes).subspan(42));
  return census.summary();
}

TEST(CensusFixture, GoldenCapture) {
  const auto path = testing::fixture("demo-shreds.pcap");
  if (!path) GTEST_SKIP() << testing::fixture_absent("demo-shreds.pcap");
  const CensusSummary summary = census_of(*path);
  EXPECT_EQ(summary.shreds(), 512u);
  EXPECT_EQ(summary.sets_full, 8u);
  EXPECT_EQ(summary.sets(), 8u);
  EXPECT_EQ(summary.duplicates, 0u);
}

TEST(CensusFixture, TestnetCapture) {
  const auto path = testing::fixture("testnet-385970984-arrival-order.pcap");
  if (!path) GTEST_SKIP() << testing::fixture_absent("testnet-385970984-arrival-order.pcap");
  const CensusSummary summary = census_of(*path);
  EXPECT_EQ(summary.shreds(), 307u);
  EXPECT_EQ(summary.sets_recoverable, 5u);
  EXPECT_EQ(summary.sets(), 5u);
  EXPECT_EQ(summary.duplicates, 16u);
}

}  // namespace
}  // namespace penstock
