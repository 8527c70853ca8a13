// SIMD-0504's per-shred rules, and Firedancer's accept/reject cases (receive-checks.md sections 2, 3).
#include "engine/shred/rules.h"

#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

constexpr std::uint32_t kM = kMaxShredIndex;

ShredHeader good_data() {
  return {.slot = 2,
          .index = 40,
          .fec_set_index = 32,
          .version = 1,
          .variant = kDataVariant,
          .parent_offset = 1,
          .size = 88};
}

ShredHeader good_code() {
  return {.slot = 2,
          .index = 40,
          .fec_set_index = 32,
          .version = 1,
          .variant = kCodeVariant,
          .num_data = 32,
          .num_code = 32,
          .position = 8};
}

struct Case {
  std::string name;
  void (*change)(ShredHeader&);
  RejectReason strict;
  RejectReason compat;
};

using enum RejectReason;

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name;
}

class DataRule : public ::testing::TestWithParam<Case> {};
class CodeRule : public ::testing::TestWithParam<Case> {};

void expect_outcome(ShredHeader header, const Case& c) {
  c.change(header);
  EXPECT_EQ(name_of(check_rules(header, {}, RuleMode::kStrict)), name_of(c.strict));
  EXPECT_EQ(name_of(check_rules(header, {}, RuleMode::kCompat)), name_of(c.compat));
}

TEST_P(DataRule, HasTheOutcomeOfTheReference) {
  expect_outcome(good_data(), GetParam());
}
TEST_P(CodeRule, HasTheOutcomeOfTheReference) {
  expect_outcome(good_code(), GetParam());
}

void place(ShredHeader& h, std::uint32_t index, std::uint32_t fec) {
  h.index = index;
  h.fec_set_index = fec;
}

const auto kNames = [](const auto& info) { return info.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Table, DataRule,
    ::testing::Values(
        Case{"Unchanged", [](ShredHeader&) {}, kNone, kNone},
        Case{"IndexLastBelowLimit", [](ShredHeader& h) { place(h, kM - 1, kM - 32); }, kNone, kNone},
        Case{"IndexAtLimit", [](ShredHeader& h) { place(h, kM, kM - 32); }, kStrict2, kStrict2},
        Case{"IndexBeyondLimit", [](ShredHeader& h) { place(h, kM + 1, kM - 32); }, kStrict2, kStrict2},
        Case{"IndexMaximal", [](ShredHeader& h) { place(h, ~0u, ~0u - 31); }, kStrict2, kStrict2},
        Case{"IndexFirstOfSet", [](ShredHeader& h) { place(h, 32, 32); }, kNone, kNone},
        Case{"IndexBelowSet", [](ShredHeader& h) { place(h, 1, 32); }, kStrict3, kStrict3},
        Case{"IndexJustBelowSet", [](ShredHeader& h) { place(h, 31, 32); }, kStrict3, kStrict3},
        Case{"IndexBehindSet", [](ShredHeader& h) { place(h, 64, 32); }, kStrict3, kStrict3},
        Case{"SetIndexThatWraps", [](ShredHeader& h) { place(h, 5, ~0u - 15); }, kStrict3, kStrict3},
        Case{"Flags80", [](ShredHeader& h) { h.flags = 0x80; }, kStrict8, kStrict8},
        Case{"Flags80AtTheEnd", [](ShredHeader& h) { h.index = 63, h.flags = 0x80; }, kStrict8, kStrict8},
        Case{"DataCompleteAtTheEnd", [](ShredHeader& h) { h.index = 63, h.flags = 0x40; }, kNone, kNone},
        Case{"DataCompleteEarly", [](ShredHeader& h) { h.index = 62, h.flags = 0x40; }, kStrict9, kStrict9},
        Case{"LastInSlotAtTheEnd", [](ShredHeader& h) { h.index = 63, h.flags = 0xc0; }, kNone, kNone},
        Case{"LastInSlotEarly", [](ShredHeader& h) { h.flags = 0xc0; }, kStrict9, kStrict9},
        Case{"AnyReferenceTick", [](ShredHeader& h) { h.flags = 0x3f; }, kNone, kNone},
        // Firedancer refuses this one; the SIMD does not.
        Case{"ParentIsSlotZero", [](ShredHeader& h) { h.parent_offset = 2; }, kNone, kNone},
        Case{"ParentOffsetZero", [](ShredHeader& h) { h.parent_offset = 0; }, kStrict11, kStrict11},
        Case{"ParentOffsetBeyondSlot", [](ShredHeader& h) { h.parent_offset = 3; }, kStrict10, kStrict10},
        Case{"SlotZeroParentOffsetZero", [](ShredHeader& h) { h.slot = 0, h.parent_offset = 0; }, kNone,
             kNone},
        Case{"SlotZeroParentOffsetOne", [](ShredHeader& h) { h.slot = 0; }, kStrict10, kStrict10},
        Case{"SlotOneParentOffsetOne", [](ShredHeader& h) { h.slot = 1; }, kNone, kNone},
        Case{"SizeBelowHeaders", [](ShredHeader& h) { h.size = 87; }, kStrict12, kStrict12},
        Case{"SizeZero", [](ShredHeader& h) { h.size = 0; }, kStrict12, kStrict12},
        Case{"SizeFull", [](ShredHeader& h) { h.size = 1051; }, kNone, kNone},
        Case{"SizeBeyondFull", [](ShredHeader& h) { h.size = 1052; }, kStrict12, kStrict12},
        Case{"SizeFullResigned", [](ShredHeader& h) { h.variant = 0xb6, h.size = 987; }, kNone, kNone},
        Case{"SizeBeyondFullResigned", [](ShredHeader& h) { h.variant = 0xb6, h.size = 988; }, kStrict12,
             kStrict12},
        Case{"ProofLengthFive", [](ShredHeader& h) { h.variant = 0x95, h.size = 1071; }, kStrict7, kNone},
        Case{"ProofLengthFiveSizeBeyond", [](ShredHeader& h) { h.variant = 0x95, h.size = 1072; }, kStrict7,
             kStrict12},
        Case{"ProofLengthSevenResigned", [](ShredHeader& h) { h.variant = 0xb7, h.size = 967; }, kStrict7,
             kNone}),
    kNames);

INSTANTIATE_TEST_SUITE_P(
    Table, CodeRule,
    ::testing::Values(
        Case{"Unchanged", [](ShredHeader&) {}, kNone, kNone},
        Case{"FirstOfLastSet", [](ShredHeader& h) { place(h, kM - 32, kM - 32), h.position = 0; }, kNone,
             kNone},
        Case{"LastOfLastSet", [](ShredHeader& h) { place(h, kM - 1, kM - 32), h.position = 31; }, kNone,
             kNone},
        Case{"IndexAtLimit", [](ShredHeader& h) { place(h, kM, kM - 32); }, kStrict2, kStrict2},
        Case{"IndexBeyondLimit", [](ShredHeader& h) { place(h, kM + 1, kM - 32); }, kStrict2, kStrict2},
        Case{"Counts12", [](ShredHeader& h) { h.num_data = h.num_code = 12; }, kStrict15, kStrict15},
        Case{"Counts256", [](ShredHeader& h) { h.num_data = h.num_code = 256; }, kStrict15, kStrict15},
        Case{"NoData", [](ShredHeader& h) { h.num_data = 0; }, kStrict15, kStrict15},
        Case{"NoCode", [](ShredHeader& h) { h.num_code = 0; }, kStrict15, kStrict15},
        Case{"Set64", [](ShredHeader& h) { place(h, 64, 64), h.position = 0; }, kNone, kNone},
        Case{"MisalignedNearLimit",
             [](ShredHeader& h) { place(h, kM - 2, kM - 2), h.num_data = 3, h.position = 0; }, kStrict4,
             kStrict4},
        Case{"SetIndexMaximal",
             [](ShredHeader& h) { place(h, ~0u, ~0u), h.num_data = 65535, h.position = 0; }, kStrict2,
             kStrict2},
        Case{"LastOfFirstSet", [](ShredHeader& h) { place(h, 31, 0), h.position = 31; }, kNone, kNone},
        Case{"Position32", [](ShredHeader& h) { place(h, 32, 32), h.position = 32; }, kStrict13, kStrict13},
        Case{"PositionMaximal", [](ShredHeader& h) { h.position = 65535; }, kStrict13, kStrict13},
        Case{"PositionBeyondIndex", [](ShredHeader& h) { place(h, 3, 0), h.position = 4; }, kStrict14,
             kStrict14},
        Case{"PositionElsewhereInTheSet", [](ShredHeader& h) { h.position = 9; }, kStrict16, kNone},
        Case{"PositionSuchThatTheSetWouldPassTheLimit",
             [](ShredHeader& h) { place(h, kM - 1, kM - 32), h.position = 30; }, kStrict16, kStrict16},
        Case{"ProofLengthSeven", [](ShredHeader& h) { h.variant = 0x67; }, kStrict7, kNone}),
    kNames);

TEST(Rules, MisalignedSetsAreRejectedOneByOne) {
  for (std::uint32_t index = 1; index < 32; ++index) {
    for (ShredHeader header : {good_data(), good_code()}) {
      place(header, index, index);
      header.position = 0;
      EXPECT_EQ(check_rules(header, {}, RuleMode::kStrict), kStrict4);
      EXPECT_EQ(check_rules(header, {}, RuleMode::kCompat), kStrict4);
    }
  }
}

TEST(Rules, TheLimitIsTheSlotsOwn) {
  ShredHeader header = good_data();
  place(header, 16'383, 16'352);
  EXPECT_EQ(check_rules(header, {.max_index = 16'384}, RuleMode::kStrict), kNone);
  place(header, 16'384, 16'384);
  EXPECT_EQ(check_rules(header, {.max_index = 16'384}, RuleMode::kStrict), kStrict2);
  EXPECT_EQ(check_rules(header, {}, RuleMode::kStrict), kNone);
}

TEST(Rules, ASetThatStartsBelowTheLimitMustEndBelowIt) {
  ShredHeader header = good_data();
  place(header, 96, 96);
  EXPECT_EQ(check_rules(header, {.max_index = 100}, RuleMode::kStrict), kStrict5);
  EXPECT_EQ(check_rules(header, {.max_index = 128}, RuleMode::kStrict), kNone);
}

}  // namespace
}  // namespace penstock
