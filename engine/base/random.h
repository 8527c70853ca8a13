// Seeded random numbers whose every bit is defined: std::mt19937_64 (its output is fixed by the C++
// standard) mapped by integer arithmetic. No std:: distributions, which differ between libraries, and
// no floating point. Same seed, same numbers, on any machine.
//
// Each method but fill() consumes exactly one 64-bit output, so that a draw whose result is not needed
// can be made all the same to keep later draws where they were.
//
// Thread safety: none; one generator, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string_view>

#include "engine/base/check.h"

namespace penstock {

inline constexpr std::uint32_t kPartsPerMillion = 1'000'000;

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // A stream of its own for one purpose, so that using more numbers in one place moves nothing elsewhere.
  // The name is hashed (FNV-1a) into the seed and the result is mixed (the finaliser of SplitMix64).
  Random(std::uint64_t seed, std::string_view purpose, std::uint64_t number = 0)
      : engine_(mix(mix(hash(purpose) ^ seed) + number)) {}

  std::uint64_t next() { return engine_(); }

  // Uniform in [0, n) as the high half of a 128-bit product: at most n / 2^64 off uniform.
  std::uint64_t below(std::uint64_t n) {
    PENSTOCK_CHECK(n > 0);
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{next()} * n) >> 64);
  }

  // Uniform in [low, high], both included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    PENSTOCK_CHECK(low <= high && high - low < UINT64_MAX);
    return low + below(high - low + 1);
  }

  // True `parts` times in a million.
  bool chance(std::uint32_t parts) { return below(kPartsPerMillion) < parts; }

  // Fills with random bytes, eight an output, the first byte from the lowest bits.
  void fill(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
      const std::uint64_t word = next();
      const std::size_t part = bytes.size() < sizeof(word) ? bytes.size() : sizeof(word);
      std::memcpy(bytes.data(), &word, part);
      bytes = bytes.subspan(part);
    }
  }

 private:
  static constexpr std::uint64_t hash(std::string_view text) {
    std::uint64_t value = 0xcbf29ce484222325;
    for (const char c : text)
      value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return value;
  }

  static constexpr std::uint64_t mix(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }

  std::mt19937_64 engine_;
};

}  // namespace penstock
