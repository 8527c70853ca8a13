// Sixteen steps of four rounds, for all lanes in turn: while one lane's sha256rnds2 is under way, the other's
// can begin.
#include "engine/shred/sha256_blocks.h"

#include <immintrin.h>

#include <utility>

namespace penstock {
namespace {

alignas(64) constexpr std::uint32_t kRoundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define PENSTOCK_INLINE inline __attribute__((always_inline))

// The state in the order that sha256rnds2 wants: words a b e f and c d g h.
struct Lane {
  __m128i abef, cdgh;
  __m128i words[4];  // the last 16 words of the message schedule
};

PENSTOCK_INLINE __m128i load(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

PENSTOCK_INLINE void load_state(Lane& lane, const Sha256State& state) {
  const __m128i cdab = _mm_shuffle_epi32(load(&state[0]), 0xb1);
  const __m128i efgh = _mm_shuffle_epi32(load(&state[4]), 0x1b);
  lane.abef = _mm_alignr_epi8(cdab, efgh, 8);
  lane.cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

PENSTOCK_INLINE void store_state(const Lane& lane, Sha256State& state) {
  const __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1b);
  const __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[0]), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(&state[4]), _mm_alignr_epi8(dchg, feba, 8));
}

template <std::size_t kStep>
PENSTOCK_INLINE void four_rounds(Lane& lane, const std::byte* block) {
  __m128i& words = lane.words[kStep % 4];
  if constexpr (kStep < 4) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    words = _mm_shuffle_epi8(load(block + 16 * kStep), big_endian);
  } else {
    const __m128i& next = lane.words[(kStep + 1) % 4];
    const __m128i& third = lane.words[(kStep + 2) % 4];
    const __m128i& last = lane.words[(kStep + 3) % 4];
    words = _mm_add_epi32(_mm_sha256msg1_epu32(words, next), _mm_alignr_epi8(last, third, 4));
    words = _mm_sha256msg2_epu32(words, last);
  }
  const __m128i sum = _mm_add_epi32(words, load(&kRoundConstants[4 * kStep]));
  lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, sum);
  lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

template <std::size_t kLanes, std::size_t... kSteps>
PENSTOCK_INLINE void all_rounds(Lane (&lanes)[kLanes], const std::byte* const (&blocks)[kLanes],
                                std::index_sequence<kSteps...>) {
  if constexpr (kLanes == 1) {
    (four_rounds<kSteps>(lanes[0], blocks[0]), ...);
  } else {
    ((four_rounds<kSteps>(lanes[0], blocks[0]), four_rounds<kSteps>(lanes[1], blocks[1])), ...);
  }
}

template <std::size_t kLanes>
PENSTOCK_INLINE void compress(Lane (&lanes)[kLanes], const std::byte* (&blocks)[kLanes], std::size_t count) {
  for (; count > 0; --count) {
    __m128i before[kLanes][2];
    for (std::size_t i = 0; i < kLanes; ++i) {
      before[i][0] = lanes[i].abef;
      before[i][1] = lanes[i].cdgh;
    }
    all_rounds(lanes, blocks, std::make_index_sequence<16>());
    for (std::size_t i = 0; i < kLanes; ++i) {
      lanes[i].abef = _mm_add_epi32(lanes[i].abef, before[i][0]);
      lanes[i].cdgh = _mm_add_epi32(lanes[i].cdgh, before[i][1]);
      blocks[i] += kSha256Block;
    }
  }
}

}  // namespace

void sha256_blocks(Sha256State& state, const std::byte* blocks, std::size_t count) {
  Lane lanes[1];
  load_state(lanes[0], state);
  const std::byte* at[1] = {blocks};
  compress(lanes, at, count);
  store_state(lanes[0], state);
}

void sha256_blocks_of_two(Sha256State& a, const std::byte* blocks_a, Sha256State& b,
                          const std::byte* blocks_b, std::size_t count) {
  Lane lanes[2];
  load_state(lanes[0], a);
  load_state(lanes[1], b);
  const std::byte* at[2] = {blocks_a, blocks_b};
  compress(lanes, at, count);
  store_state(lanes[0], a);
  store_state(lanes[1], b);
}

}  // namespace penstock
