// Cost of one FEC set: encoding it, and recovering all 32 shards that are missing when the 32nd came.
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/shred/reed_solomon.h"

namespace penstock {
namespace {

constexpr std::size_t kSize = 987;

struct Set {
  Set() : bytes(64 * kSize) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::byte>(i * 31 >> 3);
    for (std::size_t i = 0; i < 64; ++i)
      shards[i] = bytes.data() + i * kSize;
  }
  std::vector<std::byte> bytes;
  ErasureShards shards;
};

// Argument: 0 our kernel where the processor has it, 1 ISA-L.
void encode_set(benchmark::State& state) {
  const ReedSolomon code(static_cast<ReedSolomon::Engine>(state.range(0)));
  Set set;
  for (auto _ : state) {
    code.encode(set.shards, kSize);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(encode_set)->Arg(0)->Arg(1)->Iterations(4096);

// Every second member is known, so half of the data must be interpolated too.
void recover_set(benchmark::State& state) {
  const ReedSolomon code(static_cast<ReedSolomon::Engine>(state.range(0)));
  Set set;
  const std::uint64_t known = 0x5555555555555555;
  for (auto _ : state) {
    code.recover(set.shards, kSize, known, ~known);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(recover_set)->Arg(0)->Arg(1)->Iterations(4096);

void matrix(benchmark::State& state) {
  const std::uint64_t known = 0x5555555555555555;
  for (auto _ : state) {
    auto rows = erasure_matrix(known, ~known);
    benchmark::DoNotOptimize(rows.data());
  }
}
BENCHMARK(matrix);

}  // namespace
}  // namespace penstock
