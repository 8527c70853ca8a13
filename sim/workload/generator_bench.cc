// How fast workloads are made, and how fast the ledger judges them. One core; memory included.
#include <benchmark/benchmark.h>

#include "engine/base/check.h"
#include "sim/workload/ledger.h"
#include "sim/workload/recipe.h"

namespace penstock {
namespace {

WorkloadRecipe recipe_of(ShredContent content) {
  return {.profile = "mainnet-10x",
          .link = {.receiver_mac = {{2, 0, 0, 0, 0, 2}}, .receiver = {{10, 0, 0, 2}}},
          .content = content};
}

void prepare(benchmark::State& state, ShredContent content) {
  std::int64_t frames = 0;
  for (auto _ : state) {
    const Result<PreparedWorkload> made = prepare_workload(recipe_of(content));
    PENSTOCK_CHECK(made.has_value());
    frames += static_cast<std::int64_t>(made->workload.frames().size());
  }
  state.SetItemsProcessed(frames);
}
BENCHMARK_CAPTURE(prepare, unsigned_shreds, ShredContent::kUnsigned)
    ->Iterations(2)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(prepare, signed_shreds, ShredContent::kSigned)->Unit(benchmark::kMillisecond);

void judge(benchmark::State& state) {
  const Result<PreparedWorkload> made = prepare_workload(recipe_of(ShredContent::kUnsigned));
  PENSTOCK_CHECK(made.has_value());
  for (auto _ : state) {
    Ledger ledger(oracle_of(made->workload));
    ledger.add(made->workload);
    benchmark::DoNotOptimize(ledger.fast().count());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(made->workload.frames().size()));
}
BENCHMARK(judge)->Iterations(2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock
