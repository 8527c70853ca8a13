// The byte map of shred-format.md section 4, number by number.
#include "engine/shred/layout.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

struct Row {
  std::uint8_t variant;
  ShredKind kind;
  bool resigned;
  unsigned total, payload_begin, payload_end, capacity, erasure_begin, erasure_size;
  unsigned chained_root, proof, retransmitter, leaf_size;
};

class LiveVariant : public ::testing::TestWithParam<Row> {};

TEST_P(LiveVariant, LayoutIsTheReferenceTable) {
  const Row& row = GetParam();
  const ShredLayout layout = layout_of(row.variant);
  EXPECT_EQ(kind_of(row.variant), row.kind);
  EXPECT_EQ(is_resigned(row.variant), row.resigned);
  EXPECT_EQ(layout.proof_length, 6);
  EXPECT_EQ(layout.total, row.total);
  EXPECT_EQ(layout.payload_begin, row.payload_begin);
  EXPECT_EQ(layout.payload_end, row.payload_end);
  EXPECT_EQ(layout.payload_capacity(), row.capacity);
  EXPECT_EQ(layout.erasure_begin, row.erasure_begin);
  EXPECT_EQ(layout.erasure_size(), row.erasure_size);
  EXPECT_EQ(layout.chained_root, row.chained_root);
  EXPECT_EQ(layout.proof, row.proof);
  EXPECT_EQ(layout.retransmitter_signature, row.retransmitter);
  EXPECT_EQ(layout.leaf_size(), row.leaf_size);
}

INSTANTIATE_TEST_SUITE_P(
    All, LiveVariant,
    ::testing::Values(Row{0x96, ShredKind::kData, false, 1203, 88, 1051, 963, 64, 987, 1051, 1083, 0, 1019},
                      Row{0x66, ShredKind::kCode, false, 1228, 89, 1076, 987, 89, 987, 1076, 1108, 0, 1044},
                      Row{0xb6, ShredKind::kData, true, 1203, 88, 987, 899, 64, 923, 987, 1019, 1139, 955},
                      Row{0x76, ShredKind::kCode, true, 1228, 89, 1012, 923, 89, 923, 1012, 1044, 1164,
                          980}));

TEST(Layout, OtherProofLengthsFollowTheGeneralForm) {
  EXPECT_EQ(layout_of(0x95).payload_capacity(), 983u);  // the figure for classifying old captures
  for (unsigned h = 0; h < 16; ++h) {
    // Compat rule 12: 1171 - 20h chained, 1107 - 20h resigned.
    EXPECT_EQ(layout_of(static_cast<std::uint8_t>(0x90 | h)).payload_end, 1171 - 20 * h);
    EXPECT_EQ(layout_of(static_cast<std::uint8_t>(0xb0 | h)).payload_end, 1107 - 20 * h);
  }
}

TEST(Layout, OnlyFourHighNibblesAreLive) {
  for (unsigned variant = 0; variant < 256; ++variant) {
    const unsigned high = variant >> 4;
    EXPECT_EQ(is_chained_merkle(static_cast<std::uint8_t>(variant)),
              high == 0x6 || high == 0x7 || high == 0x9 || high == 0xb)
        << variant;
  }
}

TEST(Layout, SetPayloads) {
  EXPECT_EQ(kFecSetPayload, 30'816u);
  EXPECT_EQ(kResignedFecSetPayload, 28'768u);
}

}  // namespace
}  // namespace penstock
