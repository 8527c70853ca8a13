// The memory of FEC sets: where the one copy of each accepted shred goes, and recovery writes the rest.
//
// Invariants
//   1. A set's memory is not written again until `reuse_after` further sets were retired: whoever was
//      told of a shred may read it for that long without a copy of its own.
//   2. At most `max_open` sets are taken and not retired. Memory in all: max_open + reuse_after sets of
//      about 87 KB. Pages are touched at first use, not before.
//
// Thread safety: none. No allocation after construction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/shred/layout.h"
#include "engine/shred/merkle.h"
#include "engine/shred/partial_tree.h"

namespace penstock {

struct SetMemory {
  static constexpr std::size_t kStride = 1280;  // a shred in whole cache lines
  // Around every member there are bytes that nobody reads: shreds are copied in by whole words.
  static constexpr std::size_t kMargin = 64;
  static_assert(kStride >= kMaxShredSize + 8 && kMargin >= 8);

  // Member 0..31 data, 32..63 code; `size` at most kStride.
  std::span<std::byte> member(std::size_t i, std::size_t size) {
    return std::span(bytes).subspan(kMargin + i * kStride, size);
  }
  std::span<const std::byte> member(std::size_t i, std::size_t size) const {
    return std::span(bytes).subspan(kMargin + i * kStride, size);
  }

  alignas(64) std::array<std::byte, kMargin + kFecSetShreds * kStride> bytes;
  std::array<MerkleHash, kFecSetShreds> leaves;  // of the members that are there
  PartialTree tree;
};

class SetMemoryPool {
 public:
  SetMemoryPool(std::size_t max_open, std::size_t reuse_after);

  // The memory to use next. Fewer than max_open may be taken and not retired. What it held is lost now.
  std::uint32_t take();
  // Gives memory back; it keeps its content for reuse_after further calls.
  void retire(std::uint32_t index);

  SetMemory& operator[](std::uint32_t index) { return sets_[index]; }
  std::size_t open() const { return open_; }
  std::size_t max_open() const { return max_open_; }

 private:
  std::size_t max_open_;
  std::size_t size_;
  std::unique_ptr<SetMemory[]> sets_;
  std::vector<std::uint32_t> ring_;  // unused and retired memory, the one to use next at ring_[next_]
  std::size_t next_ = 0;
  std::size_t open_ = 0;
};

}  // namespace penstock
