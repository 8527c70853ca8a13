// Mapping the UMEM.
#include "engine/xsk/umem.h"

#include <errno.h>
#include <sys/mman.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kSmallPage = 4096;

constexpr int kProtection = PROT_READ | PROT_WRITE;
constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;

constexpr std::size_t pages_for(std::size_t bytes, std::size_t page) {
  return (bytes + page - 1) / page;
}

// Memory that begins at a huge page and that the kernel is asked to make of them, or not to, prefaulted; null
// with errno. Without them a header costs a TLB miss beside the cache miss: it is a page of its own.
void* map_ordinary(std::size_t bytes, bool huge) {
  void* area = mmap(nullptr, bytes + kHugePage, kProtection, kFlags, -1, 0);
  if (area == MAP_FAILED) return nullptr;
  auto* start = static_cast<std::byte*>(area);
  const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(area) % kHugePage) % kHugePage;
  const std::size_t behind = kHugePage - before;
  if (before != 0) munmap(start, before);
  start += before;
  munmap(start + bytes, behind);
  madvise(start, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);  // where it says no, small pages do
  if (madvise(start, bytes, MADV_POPULATE_WRITE) == 0) return start;
  const int code = errno;
  munmap(start, bytes);
  errno = code;
  return nullptr;
}

// How much of the mapping around `area` lies in transparent huge pages, by /proc/self/smaps.
std::uint64_t bytes_in_huge_pages(const void* area) {
  const auto address = reinterpret_cast<std::uintptr_t>(area);
  std::ifstream file("/proc/self/smaps");
  bool ours = false;
  for (std::string line; std::getline(file, line);) {
    unsigned long long start = 0, end = 0, kib = 0;
    if (std::sscanf(line.c_str(), "%llx-%llx ", &start, &end) == 2) {
      ours = start <= address && address < end;
    } else if (ours && std::sscanf(line.c_str(), "AnonHugePages: %llu kB", &kib) == 1) {
      return kib << 10;
    }
  }
  return 0;
}

}  // namespace

std::string_view to_string(Pages pages) {
  switch (pages) {
    case Pages::kSmall:
      return "pages of 4 KiB";
    case Pages::kTransparent:
      return "transparent huge pages";
    case Pages::kReserved:
      return "reserved huge pages";
  }
  return "";
}

std::uint64_t free_huge_pages() {
  std::ifstream file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
  std::uint64_t free = 0;
  file >> free;
  return free;
}

Result<Umem> Umem::create(std::uint32_t frames, std::uint32_t frame_bytes, HugePages huge_pages) {
  PENSTOCK_CHECK(frame_bytes == 2048 || frame_bytes == 4096);
  PENSTOCK_CHECK(frames > 0);
  Umem umem;
  umem.memory_ = {nullptr, frames, frame_bytes};
  const std::size_t bytes = umem.memory_.bytes();
  const std::string what = fmt::format("map a UMEM of {} frames of {} bytes", frames, frame_bytes);
  void* area = MAP_FAILED;
  if (huge_pages != HugePages::kOff) {
    umem.mapped_bytes_ = pages_for(bytes, kHugePage) * kHugePage;
    area = mmap(nullptr, umem.mapped_bytes_, kProtection, kFlags | MAP_HUGETLB | MAP_POPULATE, -1, 0);
    umem.pages_ = Pages::kReserved;
  }
  if (area == MAP_FAILED && huge_pages == HugePages::kRequired) {
    return fail(what + " in huge pages", errno,
                fmt::format("reserve {} more: `sysctl vm.nr_hugepages`", pages_for(bytes, kHugePage)));
  }
  if (area == MAP_FAILED) {
    umem.mapped_bytes_ = pages_for(bytes, kSmallPage) * kSmallPage;
    area = map_ordinary(umem.mapped_bytes_, huge_pages == HugePages::kAuto);
    if (area == nullptr) return fail(what, errno, "ask for fewer frames");
    umem.pages_ = bytes_in_huge_pages(area) >= umem.mapped_bytes_ / 2 ? Pages::kTransparent : Pages::kSmall;
  }
  umem.memory_.base = static_cast<std::byte*>(area);
  // A fork() would copy every page that a socket has pinned, at once, with the address space locked: 100 ms
  // and more for huge pages, in which the engine stands still. No child has a use for the frames.
  if (madvise(area, umem.mapped_bytes_, MADV_DONTFORK) != 0)
    return fail("keep the UMEM from children", errno);
  return umem;
}

Umem::Umem(Umem&& other) noexcept
    : memory_(std::exchange(other.memory_, {})),
      mapped_bytes_(std::exchange(other.mapped_bytes_, 0)),
      pages_(other.pages_) {}

Umem& Umem::operator=(Umem&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(pages_, other.pages_);
  return *this;
}

Umem::~Umem() {
  if (memory_.base != nullptr) munmap(memory_.base, mapped_bytes_);
}

}  // namespace penstock
