// The mcache between two threads: frags a second, metadata alone and with a payload written and read, and how
// long one hop takes. docs/performance.md has the figures.
//
// Set-up of design section 4: depth 16,384, a frame of 2 KiB a line. Both sides spin, so it needs two idle
// cores to mean anything. `best_10ms` is the rate of the best 10 ms: what the two threads reach while nobody
// puts one of them aside. The producer runs at most kLead frags ahead, too few to make such a window faster:
// the benchmark measures the hop, neither the overrun nor how fast a stock is read.
//
//   hop                payload: bytes written into each frame and copied out of it
//   hop_latency         from publish() to the other thread's poll(): half of a way there and back
//   publish_and_take     one thread, in cache
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/mcache/copy.h"
#include "engine/mcache/mcache.h"
#include "engine/xsk/umem.h"

namespace penstock {
namespace {

constexpr std::size_t kDepth = 16'384;
constexpr std::size_t kBatch = 64;
constexpr std::uint64_t kLead = 512;
// How many frags ahead of its turn a payload is prefetched, to be written and to be read.
constexpr std::uint64_t kAhead = 2;

struct Meta {
  std::uint64_t frame, number, reserved;
};

McacheProducer<Meta> empty_link(const McacheMemory& memory) {
  return {memory.lines(), [](std::uint64_t i) { return Meta{i, 0, 0}; }};
}

double now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double percentile(std::vector<double>& values, double share) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

class BestWindow {
 public:
  void add(std::size_t frags) {
    frags_ += frags;
    const double passed = now_ns() - start_;
    if (passed < 1e7) return;
    best_ = std::max(best_, static_cast<double>(frags_) / passed * 1e9);
    frags_ = 0;
    start_ += passed;
  }
  double rate() const { return best_; }  // frags a second

 private:
  double start_ = now_ns();
  std::size_t frags_ = 0;
  double best_ = 0;
};

template <int kForWriting>
void prefetch(const std::byte* bytes, std::size_t size) {
  for (std::size_t at = 0; at < size; at += 64)
    __builtin_prefetch(bytes + at, kForWriting);
}

// What plays the NIC: writes each payload into the frame that the last publication displaced.
struct Writer {
  std::span<const McacheLine> lines;
  FrameMemory frames;
  std::size_t payload_bytes;

  void run(McacheProducer<Meta> producer, const Fseq& fseq, const std::atomic<bool>& stop) const {
    const std::vector<std::byte> payload(payload_bytes, std::byte{0x5a});
    std::uint64_t free = kDepth;
    while (!stop.load(std::memory_order_relaxed)) {
      if (producer.next() + kBatch - fseq.next.load(std::memory_order_relaxed) > kLead) continue;
      for (std::size_t i = 0; i < kBatch; ++i) {
        if (payload_bytes != 0) {
          const McacheLine& later = lines[(producer.next() + kAhead) % kDepth];
          prefetch<1>(frame(internal::load_meta<Meta>(later).frame), payload_bytes);
          overwrite_frame(frame(free), payload);
        }
        free = producer.publish({free, producer.next(), 0}).frame;
      }
    }
  }

  std::byte* frame(std::uint64_t number) const { return frames.base + number * frames.frame_bytes; }
};

void hop(benchmark::State& state) {
  const auto payload_bytes = static_cast<std::size_t>(state.range(0));
  const McacheMemory memory(kDepth);
  const Umem umem = *Umem::create(kDepth + 1);
  const Writer writer{memory.lines(), umem.memory(), payload_bytes};
  alignas(64) std::array<std::byte, kDefaultFrameBytes> buffer;
  Fseq fseq;
  std::atomic<bool> stop{false};
  McacheProducer<Meta> producer = empty_link(memory);
  McacheConsumer<Meta> consumer(memory.lines(), fseq);
  std::jthread thread([&] { writer.run(producer, fseq, stop); });
  BestWindow best;
  Meta meta;
  Meta next;
  for (auto _ : state) {
    for (std::size_t taken = 0; taken < kBatch;) {
      if (!consumer.poll(meta)) continue;
      if (payload_bytes != 0) {
        if (consumer.peek(kAhead, next)) prefetch<0>(writer.frame(next.frame), payload_bytes);
        benchmark::DoNotOptimize(
            copy_speculatively({writer.frame(meta.frame), payload_bytes}, buffer).data());
      }
      if (consumer.accept()) ++taken;
    }
    consumer.show();
    best.add(kBatch);
  }
  stop = true;
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  state.counters["best_10ms"] = best.rate();
  state.counters["lost"] = static_cast<double>(consumer.lost());
}
BENCHMARK(hop)->ArgName("payload")->Arg(0)->Arg(1270)->MinTime(2)->UseRealTime();

void hop_latency(benchmark::State& state) {
  const McacheMemory there(kDepth);
  const McacheMemory back(kDepth);
  Fseq there_fseq, back_fseq;
  std::atomic<bool> stop{false};
  McacheProducer<Meta> out = empty_link(there);
  McacheProducer<Meta> echo = empty_link(back);
  McacheConsumer<Meta> echo_in(there.lines(), there_fseq);
  McacheConsumer<Meta> in(back.lines(), back_fseq);
  std::jthread thread([&] {
    Meta meta;
    while (!stop.load(std::memory_order_relaxed)) {
      if (echo_in.poll(meta) && echo_in.accept()) echo.publish(meta);
    }
  });
  std::vector<double> hops;  // ns
  Meta meta;
  for (auto _ : state) {
    const double start = now_ns();
    out.publish({0, out.next(), 0});
    while (!in.poll(meta) || !in.accept()) {
    }
    hops.push_back((now_ns() - start) / 2);
  }
  stop = true;
  state.counters["p50_ns"] = percentile(hops, 0.5);
  state.counters["p99_ns"] = percentile(hops, 0.99);
}
BENCHMARK(hop_latency)->UseRealTime();

// What publishing and taking cost by themselves.
void publish_and_take(benchmark::State& state) {
  const McacheMemory memory(kDepth);
  McacheProducer<Meta> producer = empty_link(memory);
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
BENCHMARK(publish_and_take)->Iterations(1 << 22);  // many beside the making of the link, for callgrind

}  // namespace
}  // namespace penstock
