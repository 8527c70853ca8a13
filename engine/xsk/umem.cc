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

}  // namespace

Result<Umem> Umem::create(std::uint32_t frames, std::uint32_t frame_bytes) {
  PENSTOCK_CHECK(frame_bytes == 2048 || frame_bytes == 4096);
  PENSTOCK_CHECK(frames > 0);
  Umem umem;
  umem.memory_ = {nullptr, frames, frame_bytes};
  const std::size_t bytes = umem.memory_.bytes();
  const std::size_t rounded = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;

  umem.mapped_bytes_ = rounded;
  void* area = mmap(nullptr, rounded, PROT_READ | PROT_WRITE, kFlags | MAP_HUGETLB, -1, 0);
  umem.huge_pages_ = area != MAP_FAILED;
  if (!umem.huge_pages_) {
    umem.mapped_bytes_ = bytes;
    area = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kFlags, -1, 0);
  }
  if (area == MAP_FAILED)
    return fail(fmt::format("map a UMEM of {} frames of {} bytes", frames, frame_bytes), errno,
                "ask for fewer frames");
  umem.memory_.base = static_cast<std::byte*>(area);
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
