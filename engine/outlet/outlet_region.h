// The ring that other processes read payloads from: lines and payloads in one sealed memfd, of a layout that
// penstock_shreds.h states for the readers.
//
//   publish() copies the payload into the free chunk and puts its line into the ring; the chunk that this
//   line had before is the next free one (mcache.h)
//
// The memory is the producer's alone: the memfd is sealed against shrinking, growing and any further writable
// mapping before anybody gets it.
//
// Thread safety: publish() from one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/mcache/mcache.h"
#include "engine/outlet/penstock_shreds.h"

namespace penstock {

class OutletRegion {
 public:
  // depth: a power of two, at least 4. Errors: those of memfd_create, ftruncate, mmap and sealing.
  static Result<OutletRegion> create(std::size_t depth);

  OutletRegion(OutletRegion&& other) noexcept;
  OutletRegion& operator=(OutletRegion&&) = delete;
  ~OutletRegion();

  // `about`: source, port and flags; the rest is filled in. REQUIRES: at most PENSTOCK_SHREDS_CHUNK bytes.
  void publish(penstock_shred about, std::span<const std::byte> payload, Nanoseconds now);

  int fd() const { return fd_.get(); }
  std::uint64_t published() const { return producer_->next(); }

 private:
  OutletRegion() = default;
  penstock_shreds_header& header() { return *reinterpret_cast<penstock_shreds_header*>(area_); }

  UniqueFd fd_;
  std::byte* area_ = nullptr;
  std::size_t bytes_ = 0;
  std::byte* chunks_ = nullptr;
  std::optional<McacheProducer<penstock_shred>> producer_;
  std::uint32_t free_chunk_ = 0;
};

}  // namespace penstock
