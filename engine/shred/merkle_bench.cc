// Cost of one leaf, one node, one proof and one whole tree.
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/shred/merkle.h"

namespace penstock {
namespace {

void leaf(benchmark::State& state) {
  MerkleHasher hasher;
  const std::vector<std::byte> input(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(hasher.leaf(input));
}
BENCHMARK(leaf)->Arg(1019)->Arg(1044)->Arg(980);

// Two leaves, a data and a code shred's.
void leaf_pair(benchmark::State& state) {
  MerkleHasher hasher;
  const std::vector<std::byte> data(1019), code(1044);
  MerkleHash a, b;
  for (auto _ : state) {
    hasher.leaf_pair(data, code, a, b);
    benchmark::DoNotOptimize(a);
  }
}
BENCHMARK(leaf_pair)->Iterations(8192);

// Through OpenSSL, for comparison: what a processor without SHA extensions gets.
void leaf_by_openssl(benchmark::State& state) {
  MerkleHasher hasher(Sha256::Engine::kOpenSsl);
  const std::vector<std::byte> input(1019);
  for (auto _ : state)
    benchmark::DoNotOptimize(hasher.leaf(input));
}
BENCHMARK(leaf_by_openssl);

void node(benchmark::State& state) {
  MerkleHasher hasher;
  MerkleHash hash{};
  for (auto _ : state) {
    hash = hasher.node(proof_entry(hash), proof_entry(hash));
    benchmark::DoNotOptimize(hash);
  }
}
BENCHMARK(node);

void tree_without_leaves(benchmark::State& state) {
  MerkleHasher hasher;
  MerkleTree tree;
  for (auto _ : state) {
    tree.build(hasher);
    benchmark::DoNotOptimize(tree.root());
  }
}
BENCHMARK(tree_without_leaves);

// What a forged shred costs: one leaf and six nodes.
void leaf_and_proof(benchmark::State& state) {
  MerkleHasher hasher;
  const std::vector<std::byte> input(1019);
  const std::vector<std::byte> proof(kFecProofLength * kProofEntrySize);
  MerkleHash root;
  for (auto _ : state) {
    hasher.fold(hasher.leaf(input), 21, proof, root);
    benchmark::DoNotOptimize(root);
  }
}
BENCHMARK(leaf_and_proof);

}  // namespace
}  // namespace penstock
