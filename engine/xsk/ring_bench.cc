// What the rings alone cost a frame: its descriptor taken from the RX ring, its place in the fill ring
// pushed, and the kernel's half of both. One thread, in cache, so no line moves between cores; that is what
// engine/mcache/mcache_bench.cc measures.
//
//   both_sides   batch: entries between two looks at the other side's index. 1 is what batching saves.
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/base/check.h"
#include "engine/xsk/ring.h"

namespace penstock {
namespace {

constexpr std::uint32_t kEntries = 2048;
constexpr int kIterations = 1 << 16;  // on any machine: bench/suites/suites.toml counts instructions by it
constexpr std::uint32_t kFramesAnIteration = 64;

template <typename Entry>
struct Shared {
  std::uint32_t producer = 0, consumer = 0, flags = 0;
  std::vector<Entry> entries = std::vector<Entry>(kEntries);
  RingMemory<Entry> memory() { return {&producer, &consumer, &flags, entries.data(), kEntries}; }
};

class Rings {
 public:
  // Takes `batch` frames through both rings. Not inlined: callgrind looks for it by its name.
  [[gnu::noinline]] std::uint64_t turn(std::uint32_t batch) {
    PENSTOCK_CHECK(kernel_rx_.room(batch) >= batch);
    for (std::uint32_t i = 0; i < batch; ++i)
      kernel_rx_.push({.addr = next_++ * 2048, .len = 1245, .options = 0});
    kernel_rx_.submit();

    const std::uint32_t known = rx_.available(batch);
    PENSTOCK_CHECK(fill_.room(batch) >= batch);
    for (std::uint32_t i = 0; i < known; ++i)
      fill_.push(rx_.peek(i).addr);
    rx_.pop(known);
    rx_.release();
    fill_.submit();

    std::uint64_t sum = 0;
    const std::uint32_t filled = kernel_fill_.available(batch);
    for (std::uint32_t i = 0; i < filled; ++i)
      sum += kernel_fill_.peek(i);
    kernel_fill_.pop(filled);
    kernel_fill_.release();
    return sum;
  }

 private:
  Shared<xdp_desc> rx_memory_;
  Shared<std::uint64_t> fill_memory_;
  TxRing kernel_rx_{rx_memory_.memory()};  // the kernel writes RX descriptors as we write TX descriptors
  RxRing rx_{rx_memory_.memory()};
  FillRing fill_{fill_memory_.memory()};
  CompletionRing kernel_fill_{fill_memory_.memory()};
  std::uint64_t next_ = 0;
};

void both_sides(benchmark::State& state) {
  Rings rings;
  const auto batch = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    for (std::uint32_t frames = 0; frames < kFramesAnIteration; frames += batch)
      benchmark::DoNotOptimize(rings.turn(batch));
  }
  state.SetItemsProcessed(state.iterations() * kFramesAnIteration);
}
BENCHMARK(both_sides)->ArgName("batch")->Arg(1)->Arg(64)->Iterations(kIterations);

}  // namespace
}  // namespace penstock
