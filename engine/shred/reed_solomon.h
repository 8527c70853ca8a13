// Solana's Reed-Solomon code for a FEC set: 32 data and 32 parity shards, systematic, over GF(2^8)
// with polynomial 0x11D. Shard i holds, in each byte column, the value at point i of one polynomial
// of degree below 32; data are points 0..31, parity points 32..63. Any 32 shards give the other 32.
// Source: shared/reference/shred-format.md section 6 (Firedancer src/ballet/reedsol, Rust crate
// reed_solomon_erasure, galois_8).
//
// The multiply-adds are our kernel's (galois_kernel.h) on processors with GFNI and AVX-512, ISA-L's
// ec_encode_data() on others. The matrix is ours, from Lagrange weights: a row
// for any missing point costs 32 products, where ISA-L's gf_invert_matrix() costs 99 us a set.
//
// Thread safety: const after construction; share one between threads. Encoding and recovering need no
// allocation, recovering about 33 KiB of stack.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace penstock {

// Shards of a set by member number: data 0..31, parity 32..63. All have the same size.
using ErasureShards = std::array<std::byte*, 64>;

class ReedSolomon {
 public:
  enum class Engine { kBest, kIsal };

  // The choice is for tests and benchmarks.
  explicit ReedSolomon(Engine engine = Engine::kBest);

  // Computes shards 32..63 from shards 0..31, `size` bytes each.
  void encode(const ErasureShards& shards, std::size_t size) const;

  // Computes the shards of the mask `wanted` from those of the mask `known` (bit = member). Exactly
  // 32 bits of `known` must be set, and none of `wanted` may be in it.
  void recover(const ErasureShards& shards, std::size_t size, std::uint64_t known,
               std::uint64_t wanted) const;

 private:
  bool kernel_;
  std::vector<std::uint8_t> encode_matrix_;
  std::vector<std::uint8_t> encode_tables_;  // ISA-L's expanded form of the encoding matrix
};

// The matrix behind recover(), for tests and for whoever checks another implementation: for each bit
// of `wanted` in ascending order one row of 32 coefficients, for the bits of `known` in ascending
// order. Same conditions as recover(). Known = data and wanted = parity is the encoding matrix.
std::vector<std::uint8_t> erasure_matrix(std::uint64_t known, std::uint64_t wanted);

}  // namespace penstock
