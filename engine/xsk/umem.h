// UMEM: the memory that the kernel copies (or the NIC writes) received frames into.
//
// One area, cut into `frames` chunks of `frame_bytes`. A frame is named by its number; the kernel
// names it by its address, the offset of any byte of the chunk from the start of the area.
//
//   chunk    | 256 kernel headroom | Ethernet frame ... | unused |
//            ^ frame * frame_bytes ^ descriptor address
//
// A child of fork() does not have the mapping (MADV_DONTFORK).
//
// Ownership: this object owns the mapping. Sockets and receivers over it must be gone before it is.
// Every frame is in exactly one place: a fill ring, the kernel, an RX ring, or a consumer's hands
// (law 3); who moves it there is said at each move.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/result.h"

namespace penstock {

// XDP_PACKET_HEADROOM: the kernel leaves so many bytes in front of each frame.
inline constexpr std::uint32_t kXdpHeadroom = 256;
inline constexpr std::uint32_t kDefaultFrameBytes = 2048;

// Longest Ethernet frame, without FCS, that fits a chunk: 1,792 bytes of 2,048.
constexpr std::uint32_t usable_frame_bytes(std::uint32_t frame_bytes) {
  return frame_bytes - kXdpHeadroom;
}

// Address arithmetic over the area, copyable; does not own it.
struct FrameMemory {
  std::byte* base = nullptr;
  std::uint32_t frames = 0;
  std::uint32_t frame_bytes = 0;  // power of two

  std::uint64_t bytes() const { return std::uint64_t{frames} * frame_bytes; }
  std::uint64_t address_of(std::uint32_t frame) const { return std::uint64_t{frame} * frame_bytes; }
  std::uint32_t frame_at(std::uint64_t address) const {
    return static_cast<std::uint32_t>(address >> std::countr_zero(frame_bytes));
  }
  // Whether [address, address + length) lies inside one chunk of this area.
  bool holds(std::uint64_t address, std::uint32_t length) const {
    return address < bytes() && length <= frame_bytes - (address & (frame_bytes - 1));
  }
};

// Which pages of 2 MiB are asked for.
enum class HugePages : std::uint8_t {
  kAuto,      // reserved ones where enough are free, else transparent ones where the host has them
  kRequired,  // reserved ones, or it is an error
  kOff,
};

// What pages hold most of the area.
enum class Pages : std::uint8_t { kSmall, kTransparent, kReserved };
std::string_view to_string(Pages pages);  // for a sentence: "pages of 4 KiB", ...

// Pages of 2 MiB that are reserved on the host and free.
std::uint64_t free_huge_pages();

class Umem {
 public:
  // Maps and prefaults frames * frame_bytes bytes. frame_bytes: 2,048 or 4,096. Errors: ENOMEM and the like
  // from mmap and madvise, with how many huge pages are wanted where they are required.
  static Result<Umem> create(std::uint32_t frames, std::uint32_t frame_bytes = kDefaultFrameBytes,
                             HugePages huge_pages = HugePages::kAuto);

  Umem(Umem&& other) noexcept;
  Umem& operator=(Umem&& other) noexcept;
  ~Umem();

  const FrameMemory& memory() const { return memory_; }
  Pages pages() const { return pages_; }

 private:
  Umem() = default;

  FrameMemory memory_;
  std::size_t mapped_bytes_ = 0;
  Pages pages_ = Pages::kSmall;
};

}  // namespace penstock
