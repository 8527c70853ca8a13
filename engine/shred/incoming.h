// A payload on its way into the resolver: bytes that stay, or bytes that their owner may overwrite while they
// are read (a frame behind an mcache link). The resolver reads either kind in the same few ways, so that a
// shred is copied once, from the frame to where it stays, and nothing is decided on bytes that were torn.
//
//   read head, copy_to() or equals(); then whole(); and only then change anything
//
// whole() asks the recheck once, after which the frame is not read again.
//
// Thread safety: none; lives for one call.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "engine/mcache/copy.h"
#include "engine/shred/layout.h"

namespace penstock {

class Recheck {
 public:
  virtual ~Recheck() = default;
  // Whether the bytes were their own until now. Asked once.
  virtual bool still_whole() = 0;
};

class Incoming {
 public:
  // Bytes that stay as they are.
  explicit Incoming(std::span<const std::byte> bytes) : bytes_(bytes), head_(bytes) {}

  // Bytes that may change until `recheck` was asked; they lie in memory that is mapped in whole words.
  Incoming(std::span<const std::byte> bytes, Recheck& recheck)
      : bytes_(bytes),
        recheck_(&recheck),
        head_(copy_speculatively(bytes.first(std::min(bytes.size(), kHead)), buffer_)) {}

  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  std::size_t size() const { return bytes_.size(); }
  // Signature and headers, as far as the payload has them.
  std::span<const std::byte> head() const { return head_; }

  // The four bytes at `offset`, which must be in the payload.
  std::uint32_t word_at(std::size_t offset) const {
    std::array<std::byte, 24> copy;
    auto bytes = bytes_.subspan(offset, sizeof(std::uint32_t));
    if (recheck_) bytes = copy_speculatively(bytes, copy);
    std::uint32_t word;
    std::memcpy(&word, bytes.data(), sizeof(word));
    return word;
  }

  // Copies the first place.size() bytes. Up to 7 bytes on either side of `place` may be overwritten.
  void copy_to(std::span<std::byte> place) const {
    if (recheck_) {
      copy_speculatively_to(bytes_.first(place.size()), place.data());
    } else if (place.data() != bytes_.data()) {
      std::memcpy(place.data(), bytes_.data(), place.size());
    }
  }
  // Whether the payload begins with `other`, which has 8 readable bytes on either side.
  bool begins_with(std::span<const std::byte> other) const {
    return recheck_ ? equal_speculatively(bytes_.first(other.size()), other.data())
                    : std::memcmp(bytes_.data(), other.data(), other.size()) == 0;
  }

  bool whole() {
    if (recheck_ && !asked_) {
      asked_ = true;
      whole_ = recheck_->still_whole();
    }
    return whole_;
  }

 private:
  static constexpr std::size_t kHead = kCodeHeadersSize;

  std::span<const std::byte> bytes_;
  Recheck* recheck_ = nullptr;
  bool asked_ = false;
  bool whole_ = true;
  alignas(8) std::array<std::byte, kHead + 15> buffer_;  // kHead bytes and the words around them
  std::span<const std::byte> head_;
};

}  // namespace penstock
