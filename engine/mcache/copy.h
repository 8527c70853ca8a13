// Copying payload that may be overwritten meanwhile: what a speculative consumer (mcache.h) does
// before it may trust, and what a producer does that is a thread and not the kernel.
//
// Both move whole 8-byte words as atomics: a torn copy is then a wrong value, which the consumer's
// recheck throws away, and not undefined behaviour. On x86-64 they are plain moves. The words around
// the payload's ends are read too, so the payload lies in memory that is mapped in multiples of 8
// bytes: a frame of a pool.
//
// Thread safety: that is their purpose.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "engine/base/check.h"

namespace penstock {

// Copies `payload` into `buffer` and returns where it lies there. Nothing that follows in program
// order is done before the copy (each load acquires), the recheck above all.
// REQUIRES: buffer is 8-byte aligned and at least 14 bytes longer than the payload.
inline std::span<const std::byte> copy_speculatively(std::span<const std::byte> payload,
                                                     std::span<std::byte> buffer) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const std::size_t skip = reinterpret_cast<std::uintptr_t>(payload.data()) % kWord;
  const std::size_t words = (skip + payload.size() + kWord - 1) / kWord;
  PENSTOCK_CHECK(buffer.size() >= words * kWord);
  // const_cast: std::atomic_ref<const T> comes with C++26; nothing is written.
  auto* from = reinterpret_cast<std::uint64_t*>(const_cast<std::byte*>(payload.data() - skip));
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint64_t word = std::atomic_ref(from[i]).load(std::memory_order_acquire);
    std::memcpy(buffer.data() + i * kWord, &word, kWord);
  }
  return buffer.subspan(skip, payload.size());
}

// Writes `payload`, then zeros up to the next word, to `frame`, which consumers may be copying.
// REQUIRES: frame is 8-byte aligned with room for whole words.
inline void overwrite_frame(std::byte* frame, std::span<const std::byte> payload) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  auto* to = reinterpret_cast<std::uint64_t*>(frame);
  for (std::size_t at = 0; at < payload.size(); at += kWord) {
    std::uint64_t word = 0;
    std::memcpy(&word, payload.data() + at, payload.size() - at < kWord ? payload.size() - at : kWord);
    std::atomic_ref(to[at / kWord]).store(word, std::memory_order_release);
  }
}

}  // namespace penstock
