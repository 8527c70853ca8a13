// Laying out, sealing, publishing.
#include "engine/outlet/outlet_region.h"

#include <errno.h>
#include <linux/memfd.h>
#include <sys/mman.h>

#include <atomic>
#include <bit>
#include <memory>
#include <utility>

#include "engine/base/check.h"
#include "engine/mcache/copy.h"

namespace penstock {
namespace {

constexpr std::size_t kPage = 4096;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;

// The readers' header is C, and states the same lines.
static_assert(sizeof(penstock_shreds_line) == sizeof(McacheLine));
static_assert(sizeof(penstock_shred) == McacheLine::kWords * sizeof(std::uint64_t));
static_assert(offsetof(penstock_shreds_header, next) == 64, "in a cache line of its own");

constexpr std::size_t whole_pages(std::size_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

}  // namespace

Result<OutletRegion> OutletRegion::create(std::size_t depth) {
  PENSTOCK_CHECK(depth >= kMinMcacheDepth && std::has_single_bit(depth));
  OutletRegion region;
  const std::size_t chunks_offset = kPage + whole_pages(depth * sizeof(McacheLine));
  region.bytes_ = chunks_offset + whole_pages((depth + 1) * PENSTOCK_SHREDS_CHUNK);
  region.fd_ = UniqueFd(memfd_create("penstock-shreds", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!region.fd_) return fail("make the outlet's memory", errno);
  if (ftruncate(region.fd(), static_cast<off_t>(region.bytes_)) != 0)
    return fail("size the outlet's memory", errno, "ask for a smaller outlet.depth");
  void* area =
      mmap(nullptr, region.bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, region.fd(), 0);
  if (area == MAP_FAILED) return fail("map the outlet's memory", errno, "ask for a smaller outlet.depth");
  region.area_ = static_cast<std::byte*>(area);
  if (fcntl(region.fd(), F_ADD_SEALS, kSeals) != 0)
    return fail("seal the outlet's memory", errno, "Linux 5.1 or newer");

  region.header() = {.magic = PENSTOCK_SHREDS_MAGIC,
                     .version = PENSTOCK_SHREDS_VERSION,
                     .chunk_bytes = PENSTOCK_SHREDS_CHUNK,
                     .depth = depth,
                     .lines_offset = kPage,
                     .chunks_offset = chunks_offset,
                     .total_bytes = region.bytes_,
                     .reserved = {},
                     .next = 0};
  region.chunks_ = region.area_ + chunks_offset;
  auto* lines = new (region.area_ + kPage) McacheLine[depth];
  region.producer_.emplace(std::span(lines, depth), [](std::uint64_t line) {
    penstock_shred empty{};
    empty.chunk = static_cast<std::uint32_t>(line) + 1;
    return empty;
  });
  return region;
}

OutletRegion::OutletRegion(OutletRegion&& other) noexcept
    : fd_(std::move(other.fd_)),
      area_(std::exchange(other.area_, nullptr)),
      bytes_(other.bytes_),
      chunks_(other.chunks_),
      producer_(other.producer_),
      free_chunk_(other.free_chunk_) {}

OutletRegion::~OutletRegion() {
  if (area_ != nullptr) munmap(area_, bytes_);
}

void OutletRegion::publish(penstock_shred about, std::span<const std::byte> payload, Nanoseconds now) {
  PENSTOCK_CHECK(payload.size() <= PENSTOCK_SHREDS_CHUNK);
  overwrite_frame(chunks_ + std::size_t{free_chunk_} * PENSTOCK_SHREDS_CHUNK, payload);
  about.taken_ns = static_cast<std::uint64_t>(now);
  about.chunk = free_chunk_;
  about.length = static_cast<std::uint16_t>(payload.size());
  free_chunk_ = producer_->publish(about).chunk;
  std::atomic_ref(header().next).store(producer_->next(), std::memory_order_release);
}

}  // namespace penstock
