// Eight targets at a time, so that a column of each source is loaded once for eight products.
#include "engine/shred/galois_kernel.h"

#include <immintrin.h>

#include <algorithm>
#include <array>

namespace penstock {
namespace {

constexpr std::size_t kColumn = 64;
constexpr std::size_t kRowsAtOnce = 8;

#define PENSTOCK_GALOIS __attribute__((target("avx512f,avx512bw,gfni")))

unsigned times_two(unsigned value) {
  return value << 1 ^ ((value & 0x80) != 0 ? 0x11dU : 0);
}

// For each constant the matrix that multiplies by it, as vgf2p8affineqb wants it: byte 7 - i holds the row
// for bit i of the product, bit j of a row is for bit j of the factor.
const std::array<std::uint64_t, 256>& bit_matrices() {
  static const std::array<std::uint64_t, 256> kMatrices = [] {
    std::array<std::uint64_t, 256> matrices{};
    for (unsigned constant = 0; constant < matrices.size(); ++constant) {
      unsigned product = constant;  // by 2^j
      for (unsigned j = 0; j < 8; ++j, product = times_two(product)) {
        for (unsigned i = 0; i < 8; ++i)
          matrices[constant] |= std::uint64_t{product >> i & 1} << (8 * (7 - i) + j);
      }
    }
    return matrices;
  }();
  return kMatrices;
}

// One column of up to kRowsAtOnce targets. `matrices` are those of the rows, 32 each.
template <std::size_t kRows>
PENSTOCK_GALOIS void column(const std::uint64_t* matrices, const unsigned char* const* sources,
                            unsigned char* const* targets, std::size_t at) {
  __m512i sums[kRows];
  for (std::size_t r = 0; r < kRows; ++r)
    sums[r] = _mm512_setzero_si512();
  for (std::size_t k = 0; k < kGaloisSources; k += 2) {
    const __m512i a = _mm512_loadu_si512(sources[k] + at);
    const __m512i b = _mm512_loadu_si512(sources[k + 1] + at);
    for (std::size_t r = 0; r < kRows; ++r) {
      const std::uint64_t* of_row = matrices + r * kGaloisSources + k;
      const __m512i times_a =
          _mm512_gf2p8affine_epi64_epi8(a, _mm512_set1_epi64(static_cast<long long>(of_row[0])), 0);
      const __m512i times_b =
          _mm512_gf2p8affine_epi64_epi8(b, _mm512_set1_epi64(static_cast<long long>(of_row[1])), 0);
      sums[r] = _mm512_ternarylogic_epi64(sums[r], times_a, times_b, 0x96);  // a ^ b ^ c
    }
  }
  for (std::size_t r = 0; r < kRows; ++r)
    _mm512_storeu_si512(targets[r] + at, sums[r]);
}

// The last column may overlap the one before: its bytes come out the same.
template <std::size_t kRows>
PENSTOCK_GALOIS void rows_of(const std::uint64_t* matrices, const unsigned char* const* sources,
                             unsigned char* const* targets, std::size_t size) {
  for (std::size_t at = 0; at < size; at += kColumn)
    column<kRows>(matrices, sources, targets, std::min(at, size - kColumn));
}

PENSTOCK_GALOIS void clear_upper_halves() {
  _mm256_zeroupper();
}

}  // namespace

bool processor_has_galois_kernel() {
  static const bool kHas = __builtin_cpu_supports("avx512f") != 0 &&
                           __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("gfni") != 0;
  return kHas;
}

void galois_products(const std::uint8_t* matrix, std::size_t rows, const unsigned char* const* sources,
                     unsigned char* const* targets, std::size_t size) {
  const std::array<std::uint64_t, 256>& table = bit_matrices();
  std::array<std::uint64_t, kRowsAtOnce * kGaloisSources> matrices;
  while (rows > 0) {
    const std::size_t now = rows >= kRowsAtOnce ? kRowsAtOnce : 1;
    for (std::size_t i = 0; i < now * kGaloisSources; ++i)
      matrices[i] = table[matrix[i]];
    if (now == kRowsAtOnce) {
      rows_of<kRowsAtOnce>(matrices.data(), sources, targets, size);
    } else {
      rows_of<1>(matrices.data(), sources, targets, size);
    }
    matrix += now * kGaloisSources;
    targets += now;
    rows -= now;
  }
  clear_upper_halves();
}

}  // namespace penstock
