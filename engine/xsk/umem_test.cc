// The UMEM's mapping: where it begins, that all of it is there, and who ends it. And its arithmetic.
#include "engine/xsk/umem.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace penstock {
namespace {

// Of the pages that the area covers, how many are in memory; -1 where one is not mapped.
int resident_pages(const FrameMemory& memory) {
  constexpr std::size_t kPage = 4096;
  std::vector<unsigned char> pages((memory.bytes() + kPage - 1) / kPage);
  if (mincore(memory.base, memory.bytes(), pages.data()) != 0) return -1;
  int resident = 0;
  for (const unsigned char page : pages)
    resident += page & 1;
  return resident;
}

TEST(Umem, IsWholeZeroedAndInMemoryWhateverItsSize) {
  // One frame of half a page, odd sizes, one huge page, a little more.
  for (const std::uint32_t frames : {1u, 2u, 3u, 1024u, 1025u, 5000u}) {
    const Result<Umem> umem = Umem::create(frames);
    ASSERT_TRUE(umem) << umem.error().message();
    const FrameMemory& memory = umem->memory();
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.base) % (2u << 20), 0u) << "a huge page can lie there";
    EXPECT_EQ(resident_pages(memory), static_cast<int>((frames + 1) / 2)) << frames;
    for (std::uint64_t at = 0; at < memory.bytes(); at += 1024) {
      ASSERT_EQ(memory.base[at], std::byte{0});
      memory.base[at] = std::byte{1};
    }
  }
}

std::string line_of(const char* file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

TEST(Umem, SaysWhatPagesItHas) {
  const Result<Umem> small = Umem::create(4096, kDefaultFrameBytes, HugePages::kOff);
  ASSERT_TRUE(small) << small.error().message();
  EXPECT_EQ(small->pages(), Pages::kSmall);
  const bool none =
      line_of("/sys/kernel/mm/transparent_hugepage/enabled").find("[never]") != std::string::npos;
  const Result<Umem> any = Umem::create(4096);
  ASSERT_TRUE(any) << any.error().message();
  if (none && free_huge_pages() == 0) {
    EXPECT_EQ(any->pages(), Pages::kSmall);
  } else if (free_huge_pages() == 0) {  // a fragmented host may have none to give
    EXPECT_NE(any->pages(), Pages::kReserved);
  }
  const auto frames_of_free_pages = static_cast<std::uint32_t>(free_huge_pages() * 1024);
  const Result<Umem> more = Umem::create(frames_of_free_pages + 1, kDefaultFrameBytes, HugePages::kRequired);
  ASSERT_FALSE(more) << "there were not as many";
  EXPECT_NE(more.error().message().find("vm.nr_hugepages"), std::string::npos) << more.error().message();
}

TEST(Umem, IsUnmappedByItsLastOwnerAlone) {
  FrameMemory memory;
  {
    Umem first = *Umem::create(4096);
    memory = first.memory();
    const Umem second = std::move(first);
    EXPECT_EQ(second.memory().base, memory.base);
    EXPECT_EQ(first.memory().base, nullptr);  // NOLINT(bugprone-use-after-move): what a moved-from one holds
    EXPECT_EQ(resident_pages(memory), 2048);
  }
  EXPECT_EQ(resident_pages(memory), -1);
}

TEST(FrameMemory, NamesFramesByNumberAndAddress) {
  for (const std::uint32_t frame_bytes : {2048u, 4096u}) {
    const FrameMemory memory{nullptr, 10, frame_bytes};
    for (std::uint32_t frame = 0; frame < memory.frames; ++frame) {
      EXPECT_EQ(memory.frame_at(memory.address_of(frame)), frame);
      EXPECT_EQ(memory.frame_at(memory.address_of(frame) + frame_bytes - 1), frame);
    }
    EXPECT_TRUE(memory.holds(frame_bytes, frame_bytes));
    EXPECT_FALSE(memory.holds(frame_bytes + 1, frame_bytes)) << "across a chunk";
    EXPECT_TRUE(memory.holds(memory.bytes() - 1, 1));
    EXPECT_FALSE(memory.holds(memory.bytes(), 0)) << "behind the area";
  }
}

// What a socket has pinned a fork() would copy at once, and the engine would stand still meanwhile.
TEST(Umem, AChildDoesNotHaveIt) {
  const Result<Umem> umem = Umem::create(4096);
  ASSERT_TRUE(umem) << umem.error().message();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  unsigned char there = 0;
  if (child == 0) _exit(mincore(umem->memory().base, 1, &there) != 0 && errno == ENOMEM ? 0 : 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(mincore(umem->memory().base, 1, &there), 0);
}

}  // namespace
}  // namespace penstock
