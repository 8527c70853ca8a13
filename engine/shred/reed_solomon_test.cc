// Known answers of shred-format.md section 6, and recovery from many choices of 32 shards.
#include "engine/shred/reed_solomon.h"

#include <bit>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "engine/shred/testing/hex.h"

namespace penstock {
namespace {

constexpr std::uint64_t kData = 0xffff'ffff;
constexpr std::uint64_t kParity = ~kData;

// 64 shards of `size` bytes, the data ones random.
struct Set {
  Set(std::size_t size, std::uint64_t seed) : bytes(64 * size), size(size) {
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < 32 * size; ++i)
      bytes[i] = static_cast<std::byte>(random());
  }
  ErasureShards shards() {
    ErasureShards pointers;
    for (std::size_t i = 0; i < 64; ++i)
      pointers[i] = bytes.data() + i * size;
    return pointers;
  }

  std::vector<std::byte> bytes;
  std::size_t size;
};

TEST(ErasureMatrix, IsSolanas) {
  const auto matrix = erasure_matrix(kData, kParity);
  ASSERT_EQ(matrix.size(), 1024u);
  const auto bytes = std::as_bytes(std::span(matrix));
  EXPECT_EQ(testing::to_hex(bytes.first(32)),
            "c4057f152b49f672a9d49f24e0d76993738036a1d3a43208b04e4b99ceef89ea");
  EXPECT_EQ(testing::to_hex(bytes.last(32)),
            "ea89efce994b4eb00832a4d3a13680739369d7e0249fd4a972f6492b157f05c4");
  EXPECT_EQ(testing::sha256_hex(bytes), "e437cb10b16444c74497dca6acbc5775b66df8d34a3336cd642fdaffcf38626c");
}

TEST(ErasureMatrix, EachRowXorsToOne) {
  const auto matrix = erasure_matrix(kData, kParity);
  for (std::size_t row = 0; row < 32; ++row) {
    std::uint8_t sum = 0;
    for (std::size_t i = 0; i < 32; ++i)
      sum ^= matrix[row * 32 + i];
    EXPECT_EQ(sum, 1) << row;
  }
}

TEST(ErasureMatrixDeathTest, NeedsExactlyThirtyTwoKnownAndNoneOfThemWanted) {
  EXPECT_DEATH(erasure_matrix(kData >> 1, kParity), "CHECK");
  EXPECT_DEATH(erasure_matrix(kData | kData << 1, kParity << 1), "CHECK");
  EXPECT_DEATH(erasure_matrix(kData, 1), "CHECK");
}

TEST(ReedSolomon, TheIdentityPolynomialGivesItsPoints) {
  Set set(100, 0);
  for (std::size_t i = 0; i < 32 * set.size; ++i)
    set.bytes[i] = static_cast<std::byte>(i / set.size);
  ReedSolomon().encode(set.shards(), set.size);
  for (std::size_t i = 32 * set.size; i < 64 * set.size; ++i) {
    ASSERT_EQ(std::to_integer<std::size_t>(set.bytes[i]), i / set.size);
  }
}

TEST(ReedSolomon, EqualDataGivesEqualParity) {
  Set set(64, 0);
  for (std::size_t i = 0; i < 32 * set.size; ++i)
    set.bytes[i] = std::byte{0x5a};
  ReedSolomon().encode(set.shards(), set.size);
  for (const std::byte byte : set.bytes)
    ASSERT_EQ(byte, std::byte{0x5a});
}

// The shard sizes of both live variants, and sizes around ISA-L's vector widths.
class ReedSolomonSize : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ReedSolomonSize, AnyThirtyTwoShardsGiveTheRest) {
  const ReedSolomon code;
  Set original(GetParam(), 7);
  code.encode(original.shards(), original.size);

  std::mt19937_64 random(11);
  std::vector<std::uint64_t> choices = {
      kData, kParity, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 0xffff00000000ffff, 0x0000ffffffff0000};
  while (choices.size() < 40) {
    std::uint64_t known = random();
    while (std::popcount(known) > 32)
      known &= ~(std::uint64_t{1} << random() % 64);
    while (std::popcount(known) < 32)
      known |= std::uint64_t{1} << random() % 64;
    choices.push_back(known);
  }
  for (const std::uint64_t known : choices) {
    Set damaged = original;
    for (std::size_t member = 0; member < 64; ++member) {
      if ((known >> member & 1) != 0) continue;
      std::fill_n(damaged.bytes.begin() + static_cast<std::ptrdiff_t>(member * damaged.size), damaged.size,
                  std::byte{0xdd});
    }
    code.recover(damaged.shards(), damaged.size, known, ~known);
    ASSERT_EQ(damaged.bytes, original.bytes) << std::hex << known;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ReedSolomonSize, ::testing::Values(987, 923, 1, 15, 16, 31, 32, 33, 64));

// Our kernel against ISA-L; the same code twice on a processor that has no GFNI.
TEST(ReedSolomon, BothEnginesComputeTheSame) {
  const ReedSolomon best;
  const ReedSolomon isal(ReedSolomon::Engine::kIsal);
  std::mt19937_64 random(5);
  for (std::size_t size = 1; size < 1100; size += size < 200 ? 1 : 13) {
    Set a(size, size);
    Set b = a;
    best.encode(a.shards(), size);
    isal.encode(b.shards(), size);
    ASSERT_EQ(a.bytes, b.bytes) << size;
    // Any number of rows, all kinds of coefficients.
    std::uint64_t known = random();
    known |= random();
    while (std::popcount(known) > 32)
      known &= known - 1;
    if (std::popcount(known) < 32) continue;
    const std::uint64_t wanted = ~known & random();
    best.recover(a.shards(), size, known, wanted);
    isal.recover(b.shards(), size, known, wanted);
    ASSERT_EQ(a.bytes, b.bytes) << size;
  }
}

TEST(ReedSolomon, RecoversOnlyWhatIsWanted) {
  const ReedSolomon code;
  Set original(987, 3);
  code.encode(original.shards(), original.size);
  Set damaged = original;
  damaged.bytes[5 * 987] ^= std::byte{1};
  damaged.bytes[63 * 987] ^= std::byte{1};
  const std::uint64_t known = kData << 8;  // members 8..39
  code.recover(damaged.shards(), damaged.size, known, 1ull << 5);
  EXPECT_EQ(damaged.bytes[5 * 987], original.bytes[5 * 987]);
  EXPECT_NE(damaged.bytes[63 * 987], original.bytes[63 * 987]);
  code.recover(damaged.shards(), damaged.size, known, 0);
  EXPECT_NE(damaged.bytes[63 * 987], original.bytes[63 * 987]);
}

}  // namespace
}  // namespace penstock
