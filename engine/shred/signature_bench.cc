// Cost of one Ed25519 signature over a Merkle root, made and verified.
#include <benchmark/benchmark.h>

#include "engine/shred/signature.h"

namespace penstock {
namespace {

constexpr std::array<std::byte, 32> kSeed{};
constexpr std::array<std::byte, 32> kRoot{};

void sign_root(benchmark::State& state) {
  const KeyPair keys = key_pair_from_seed(kSeed);
  for (auto _ : state)
    benchmark::DoNotOptimize(sign(keys, kRoot));
}
BENCHMARK(sign_root);

void verify_root(benchmark::State& state) {
  const KeyPair keys = key_pair_from_seed(kSeed);
  const PublicKey key = public_key_of(keys);
  const Signature signature = sign(keys, kRoot);
  for (auto _ : state)
    benchmark::DoNotOptimize(verify(key, kRoot, signature));
}
BENCHMARK(verify_root)->Iterations(1024);

}  // namespace
}  // namespace penstock
