// SHA-256's compression by SHA extensions (SHA-NI), one or two messages at a time. Internal to sha256.cc.
//
// The processor must have the extensions and AVX: Sha256::processor_has_sha(). This source alone is compiled
// with -msha -mavx: instructions in the older encoding would wait for the upper halves of the registers
// wherever some library (ISA-L) left them in use, which cost half a microsecond a shred. Source: FIPS 180-4;
// Intel, "New Instructions Supporting the Secure Hash Algorithm" (2013).
//
// Thread safety: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace penstock {

using Sha256State = std::array<std::uint32_t, 8>;

inline constexpr std::size_t kSha256Block = 64;
inline constexpr Sha256State kSha256Initial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// Feeds `count` blocks of 64 bytes to `state`.
void sha256_blocks(Sha256State& state, const std::byte* blocks, std::size_t count);
void sha256_blocks_of_two(Sha256State& a, const std::byte* blocks_a, Sha256State& b,
                          const std::byte* blocks_b, std::size_t count);

}  // namespace penstock
