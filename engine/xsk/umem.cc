// Mapping the UMEM.
#include "engine/xsk/umem.h"

#include <errno.h>
#include <sys/mman.h>

#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kSmallPage = 4096;

constexpr int kProtection = PROT_READ | PROT_WRITE;
constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;

// Memory that begins at a huge page and that the kernel is asked to make of them, prefaulted; null with
// errno. Without this a header costs a TLB miss beside the cache miss: it is a page of its own.
void* map_transparent(std::size_t bytes) {
  void* area = mmap(nullptr, bytes + kHugePage, kProtection, kFlags, -1, 0);
  if (area == MAP_FAILED) return nullptr;
  auto* start = static_cast<std::byte*>(area);
  const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(area) % kHugePage) % kHugePage;
  const std::size_t behind = kHugePage - before;
  if (before != 0) munmap(start, before);
  start += before;
  munmap(start + bytes, behind);
  madvise(start, bytes, MADV_HUGEPAGE);  // where it says no, small pages do
  if (madvise(start, bytes, MADV_POPULATE_WRITE) == 0) return start;
  const int code = errno;
  munmap(start, bytes);
  errno = code;
  return nullptr;
}

}  // namespace

Result<Umem> Umem::create(std::uint32_t frames, std::uint32_t frame_bytes) {
  PENSTOCK_CHECK(frame_bytes == 2048 || frame_bytes == 4096);
  PENSTOCK_CHECK(frames > 0);
  Umem umem;
  umem.memory_ = {nullptr, frames, frame_bytes};
  const std::size_t bytes = umem.memory_.bytes();
  umem.mapped_bytes_ = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  void* area = mmap(nullptr, umem.mapped_bytes_, kProtection, kFlags | MAP_HUGETLB | MAP_POPULATE, -1, 0);
  umem.huge_pages_ = area != MAP_FAILED;
  if (!umem.huge_pages_) {
    umem.mapped_bytes_ = (bytes + kSmallPage - 1) / kSmallPage * kSmallPage;
    area = map_transparent(umem.mapped_bytes_);
  }
  if (area == nullptr)
    return fail(fmt::format("map a UMEM of {} frames of {} bytes", frames, frame_bytes), errno,
                "ask for fewer frames");
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
      huge_pages_(other.huge_pages_) {}

Umem& Umem::operator=(Umem&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(huge_pages_, other.huge_pages_);
  return *this;
}

Umem::~Umem() {
  if (memory_.base != nullptr) munmap(memory_.base, mapped_bytes_);
}

}  // namespace penstock
