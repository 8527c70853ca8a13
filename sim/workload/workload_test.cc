// The container, and the names of kinds.
#include "sim/workload/workload.h"

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace penstock
