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

// The same into one certain place: whole words are written, so up to 7 bytes before and behind it are
// overwritten too.
// REQUIRES: nobody minds those bytes.
inline void copy_speculatively_to(std::span<const std::byte> payload, std::byte* place) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const std::size_t skip = reinterpret_cast<std::uintptr_t>(payload.data()) % kWord;
  const std::size_t words = (skip + payload.size() + kWord - 1) / kWord;
  auto* from = reinterpret_cast<std::uint64_t*>(const_cast<std::byte*>(payload.data() - skip));
  std::byte* to = place - skip;
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint64_t word = std::atomic_ref(from[i]).load(std::memory_order_acquire);
    std::memcpy(to + i * kWord, &word, kWord);
  }
}

// Whether `payload` and `bytes`, as long as it, are equal. Not to be believed before the recheck either.
// REQUIRES: as copy_speculatively(), and 8 readable bytes around `bytes` on both sides.
inline bool equal_speculatively(std::span<const std::byte> payload, const std::byte* bytes) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (payload.empty()) return true;
  const std::size_t skip = reinterpret_cast<std::uintptr_t>(payload.data()) % kWord;
  const std::size_t words = (skip + payload.size() + kWord - 1) / kWord;
  const std::size_t behind = words * kWord - skip - payload.size();
  auto* from = reinterpret_cast<std::uint64_t*>(const_cast<std::byte*>(payload.data() - skip));
  std::uint64_t different = 0;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t other;
    std::memcpy(&other, bytes - skip + i * kWord, kWord);
    std::uint64_t bits = std::atomic_ref(from[i]).load(std::memory_order_acquire) ^ other;
    if (i == 0) bits &= ~std::uint64_t{0} << 8 * skip;
    if (i + 1 == words) bits &= ~std::uint64_t{0} >> 8 * behind;
    different |= bits;
  }
  return different == 0;
}

// Writes `payload`, then zeros up to the next word, to `frame`, which consumers may be copying.
// REQUIRES: frame is 8-byte aligned with room for whole words.
inline void overwrite_frame(std::byte* frame, std::span<const std::byte> payload) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  auto* to = reinterpret_cast<std::uint64_t*>(frame);
  const auto put = [&](std::size_t at, std::size_t bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, payload.data() + at, bytes);
    std::atomic_ref(to[at / kWord]).store(word, std::memory_order_release);
  };
  const std::size_t whole = payload.size() / kWord * kWord;
  for (std::size_t at = 0; at < whole; at += kWord)
    put(at, kWord);
  if (whole != payload.size()) put(whole, payload.size() - whole);
}

}  // namespace penstock
