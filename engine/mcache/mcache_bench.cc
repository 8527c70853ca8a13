// The mcache between two threads: frags a second, metadata alone and with a payload written and read.
//
// Set-up of design section 4: depth 16,384. `per_frag_lost` is the share that the consumer was overrun
// by; frags/s counts what was accepted. Needs two idle cores to mean anything.
#include <atomic>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/mcache/copy.h"
#include "engine/mcache/mcache.h"

namespace penstock {
namespace {

constexpr std::size_t kDepth = 16'384;
constexpr std::size_t kFrameBytes = 2048;

struct Meta {
  std::uint64_t frame, number, reserved;
};

// Publishes as fast as it can, at most half a ring ahead of what the consumer shows: the benchmark
// measures the hop, not the overrun.
void produce(McacheProducer<Meta> producer, std::vector<std::uint64_t>& pool, std::size_t payload_bytes,
             const Fseq& fseq, const std::atomic<bool>& stop) {
  const std::vector<std::byte> payload(payload_bytes, std::byte{0x5a});
  std::uint64_t free = kDepth;
  while (!stop.load(std::memory_order_relaxed)) {
    if (producer.next() - fseq.next.load(std::memory_order_relaxed) >= kDepth / 2) continue;
    for (int i = 0; i < 64; ++i) {
      if (payload_bytes != 0)
        overwrite_frame(reinterpret_cast<std::byte*>(pool.data()) + free * kFrameBytes, payload);
      free = producer.publish({free, producer.next(), 0}).frame;
    }
  }
}

void BM_Hop(benchmark::State& state) {
  const auto payload_bytes = static_cast<std::size_t>(state.range(0));
  const McacheMemory memory(kDepth);
  std::vector<std::uint64_t> pool((kDepth + 1) * kFrameBytes / sizeof(std::uint64_t));
  alignas(8) std::array<std::byte, kFrameBytes> buffer;
  Fseq fseq;
  std::atomic<bool> stop{false};
  McacheProducer<Meta> empty(memory.lines(), [](std::uint64_t i) { return Meta{i, 0, 0}; });
  McacheConsumer<Meta> consumer(memory.lines(), fseq);
  std::jthread producer(produce, empty, std::ref(pool), payload_bytes, std::cref(fseq), std::cref(stop));
  std::uint64_t accepted = 0;
  Meta meta;
  for (auto _ : state) {
    for (int taken = 0; taken < 1024;) {
      if (!consumer.poll(meta)) continue;
      if (payload_bytes != 0) {
        const auto* frame = reinterpret_cast<const std::byte*>(pool.data()) + meta.frame * kFrameBytes;
        benchmark::DoNotOptimize(copy_speculatively({frame, payload_bytes}, buffer).data());
      }
      ++taken;
      if (consumer.accept()) ++accepted;
      if (taken % 64 == 0) consumer.show();
    }
  }
  stop = true;
  state.SetItemsProcessed(static_cast<std::int64_t>(accepted));
  state.counters["per_frag_lost"] = static_cast<double>(consumer.lost()) / static_cast<double>(accepted + 1);
}
BENCHMARK(BM_Hop)->ArgName("payload")->Arg(0)->Arg(1270)->UseRealTime();

// One side alone, in cache: what publishing and taking cost by themselves.
void BM_PublishAndTake(benchmark::State& state) {
  const McacheMemory memory(kDepth);
  McacheProducer<Meta> producer(memory.lines(), [](std::uint64_t i) { return Meta{i, 0, 0}; });
  Fseq fseq;
  McacheConsumer<Meta> consumer(memory.lines(), fseq);
  std::uint64_t free = kDepth;
  Meta meta;
  for (auto _ : state) {
    free = producer.publish({free, producer.next(), 0}).frame;
    benchmark::DoNotOptimize(consumer.poll(meta) && consumer.accept());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_PublishAndTake);

}  // namespace
}  // namespace penstock
