// How many signed shreds a leader makes a second, all included.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/base/check.h"
#include "sim/workload/shredder.h"

namespace penstock {
namespace {

void signed_sets(benchmark::State& state) {
  Shredder shredder({.keys = key_pair_from_seed(std::array<std::byte, 32>{}), .version = 1});
  const std::vector<std::byte> batch(1024 * kFecSetPayload, std::byte{0x5a});
  const auto set = std::make_unique<FecSet>();
  std::uint64_t slot = 0;
  for (auto _ : state) {
    while (!shredder.next_set(set.get())) {
      shredder.start_slot(++slot, 1, {});
      PENSTOCK_CHECK(shredder.start_batch(batch, {}).has_value());
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kShredsInSet));
}
BENCHMARK(signed_sets)->Iterations(256);

}  // namespace
}  // namespace penstock
