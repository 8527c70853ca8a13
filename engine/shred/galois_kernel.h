// Products of a matrix over GF(2^8), polynomial 0x11D, with 32 shards, by GFNI and AVX-512: what Reed-Solomon
// coding spends its time on. Internal to reed_solomon.cc, which uses ISA-L where the processor lacks them.
//
// Multiplying by a constant is linear over the bits of a byte: one 8 x 8 bit matrix a constant, which
// vgf2p8affineqb applies to 64 bytes at once. (gf2p8mulb itself is of no use: its polynomial is 0x11B.)
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock {

inline constexpr std::size_t kGaloisSources = 32;
// The kernel works in columns of 64 bytes.
inline constexpr std::size_t kGaloisMinSize = 64;

// Whether processor and kernel have GFNI and AVX-512.
bool processor_has_galois_kernel();

// targets[r][i] = sum over k of matrix[32 * r + k] * sources[k][i], for r below rows and i below size.
// Targets must not overlap sources. REQUIRES: size >= kGaloisMinSize; processor_has_galois_kernel().
void galois_products(const std::uint8_t* matrix, std::size_t rows, const unsigned char* const* sources,
                     unsigned char* const* targets, std::size_t size);

}  // namespace penstock
