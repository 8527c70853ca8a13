// The container, the random numbers, and the names of kinds.
#include "sim/workload/workload.h"

#include <array>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sim/workload/random.h"

namespace penstock {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Workload small() {
  Workload workload({.profile = "test"});
  workload.add_copy(200, FrameKind::kTcp, bytes("second"));
  workload.add_copy(100, FrameKind::kShred, bytes("first"));
  workload.add_copy(200, FrameKind::kArp, bytes("third"));
  workload.sort_by_time();
  return workload;
}

TEST(Workload, SortsByTimeAndKeepsEqualTimesInOrder) {
  const Workload workload = small();
  ASSERT_EQ(workload.frames().size(), 3u);
  EXPECT_EQ(workload.frames()[0].kind, FrameKind::kShred);
  EXPECT_EQ(workload.frames()[1].kind, FrameKind::kTcp);
  EXPECT_EQ(workload.frames()[2].kind, FrameKind::kArp);
  EXPECT_EQ(workload.duration(), 200);
  EXPECT_EQ(workload.bytes(), 5u + 6u + 5u);
}

TEST(Workload, SpansStayValidWhileItGrowsAndMoves) {
  Workload workload({});
  const std::span<std::byte> first = workload.allocate(16);
  first[0] = std::byte{42};
  const std::byte* const address = first.data();
  for (int i = 0; i < 5'000; ++i)
    workload.allocate(1'500);  // several chunks
  workload.add({.bytes = first});
  const Workload moved = std::move(workload);
  EXPECT_EQ(moved.frames()[0].bytes.data(), address);
  EXPECT_EQ(moved.frames()[0].bytes[0], std::byte{42});
}

TEST(Workload, AllocatesMemoryThatDoesNotOverlap) {
  Workload workload({});
  std::vector<std::span<std::byte>> parts;
  std::uint8_t mark = 0;
  for (const std::size_t size :
       {1ul, 0ul, 1'270ul, Workload::kChunkBytes, 60ul, Workload::kChunkBytes - 60, 1ul}) {
    parts.push_back(workload.allocate(size));
    ASSERT_EQ(parts.back().size(), size);
    std::fill(parts.back().begin(), parts.back().end(), std::byte{++mark});
  }
  mark = 0;
  for (const std::span<std::byte> part : parts) {
    ++mark;
    for (const std::byte byte : part)
      ASSERT_EQ(byte, std::byte{mark});
  }
}

TEST(WorkloadDeathTest, RefusesFramesLongerThanAChunk) {
  Workload workload({});
  EXPECT_DEATH(workload.allocate(Workload::kChunkBytes + 1), "CHECK");
}

TEST(Fingerprint, TellsTimeKindLengthAndBytesApart) {
  const auto of = [](Nanoseconds at, FrameKind kind, std::string_view text) {
    Workload workload({});
    workload.add_copy(at, kind, bytes(text));
    return fingerprint(workload);
  };
  const std::set<std::string> all = {of(1, FrameKind::kTcp, "a"), of(2, FrameKind::kTcp, "a"),
                                     of(1, FrameKind::kArp, "a"), of(1, FrameKind::kTcp, "b"),
                                     of(1, FrameKind::kTcp, "aa")};
  EXPECT_EQ(all.size(), 5u);
  EXPECT_EQ(fingerprint(small()), fingerprint(small()));
  // SHA-256 of nothing.
  EXPECT_EQ(fingerprint(Workload({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(FrameKind, HasDistinctNames) {
  const std::set<std::string_view> names(kFrameKindNames.begin(), kFrameKindNames.end());
  EXPECT_EQ(names.size(), kFrameKinds);
  EXPECT_EQ(name_of(FrameKind::kShred), "shred");
  EXPECT_EQ(name_of(FrameKind::kServeRepair), "serve_repair");
  EXPECT_EQ(name_of(FrameKind::kCaptured), "captured");
}

// The C++ standard fixes this value: the 10,000th output of a default-seeded engine.
TEST(Random, IsTheStandardsEngine) {
  Random random(5489);
  for (int i = 0; i < 9'999; ++i)
    random.next();
  EXPECT_EQ(random.next(), 9981545732273789042u);
}

TEST(Random, StreamsDifferByPurposeNumberAndSeed) {
  std::set<std::uint64_t> firsts;
  for (const std::uint64_t seed : {1, 2}) {
    for (const char* purpose : {"arrival", "noise"}) {
      for (const std::uint64_t number : {0, 1})
        firsts.insert(Random(seed, purpose, number).next());
    }
  }
  EXPECT_EQ(firsts.size(), 8u);
}

TEST(Random, BelowStaysBelowAndReachesEverything) {
  Random random(7);
  std::array<int, 5> seen{};
  for (int i = 0; i < 10'000; ++i)
    ++seen.at(random.below(5));
  for (const int count : seen)
    EXPECT_NEAR(count, 2'000, 200);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(Random, BetweenIncludesBothEnds) {
  Random random(7);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i)
    seen.insert(random.between(10, 12));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{10, 11, 12}));
}

TEST(Random, ChanceIsInPartsPerMillion) {
  Random random(7);
  int hits = 0;
  for (int i = 0; i < 100'000; ++i)
    hits += random.chance(50'000) ? 1 : 0;
  EXPECT_NEAR(hits, 5'000, 300);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(kPartsPerMillion));
}

TEST(Random, FillsEveryLength) {
  for (std::size_t length = 0; length < 20; ++length) {
    std::array<std::byte, 24> buffer{};
    Random(3).fill(std::span(buffer).first(length));
    for (std::size_t i = length; i < buffer.size(); ++i)
      EXPECT_EQ(buffer[i], std::byte{0});
    EXPECT_EQ(buffer[7] != std::byte{0}, length >= 8);  // of this seed
  }
}

}  // namespace
}  // namespace penstock
