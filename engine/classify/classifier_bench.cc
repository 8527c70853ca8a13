// What the C++ classifier costs a frame, by the way that the frame takes through it. Instructions, where a
// machine has no hardware counters: docs/classifier.md says how, with callgrind and classify_frames().
//
// The same frame comes again and again, so caches and branch prediction are at their best; `mixed`, of
// 4,096 mutated frames, is the other end.
#include <cstddef>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/classify/classifier.h"
#include "engine/classify/fuzz/frame_mutator.h"
#include "engine/classify/testing/frame_rows.h"
#include "engine/packet/byte_order.h"

using Frames = std::vector<std::vector<std::byte>>;

// A name that callgrind's --toggle-collect finds.
extern "C" [[gnu::noinline]] std::size_t classify_frames(const penstock::Classifier& classifier,
                                                         const Frames& frames, std::size_t times) {
  std::size_t payload_bytes = 0;
  for (std::size_t i = 0; i < times; ++i) {
    for (const std::vector<std::byte>& frame : frames)
      payload_bytes += classifier.classify(frame).payload.length;
  }
  return payload_bytes;
}

namespace penstock {
namespace {

// Each benchmark classifies 2^20 frames, whatever the machine: 256 iterations of 4,096.
constexpr std::size_t kFramesAnIteration = 4'096;
constexpr int kIterations = 256;

void run(benchmark::State& state, const ClassifierConfig& config, const Frames& frames) {
  const Classifier classifier = *Classifier::create(config);
  for (auto _ : state)
    benchmark::DoNotOptimize(classify_frames(classifier, frames, kFramesAnIteration / frames.size()));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kFramesAnIteration));
}

std::vector<std::byte> changed(std::size_t at, std::uint16_t value) {
  std::vector<std::byte> frame = taken_frame(1'200);
  store_be16(&frame[at], value);
  return frame;
}

ClassifierConfig with_addresses(std::int64_t count) {
  ClassifierConfig config = row_classifier();
  config.addresses.clear();
  // The frame's destination, 10.1.0.2, is the last: with five or more it is looked up.
  for (std::int64_t i = 1; i < count; ++i)
    config.addresses.push_back({{10, 9, 0, static_cast<std::uint8_t>(i)}});
  if (count > 0) config.addresses.push_back({{10, 1, 0, 2}});
  return config;
}

// Argument: how many addresses this host has; 0: none is checked.
void hit(benchmark::State& state) {
  run(state, with_addresses(state.range(0)), {taken_frame(1'200)});
}
BENCHMARK(hit)->Arg(0)->Arg(1)->Arg(4)->Arg(8)->Arg(64)->Iterations(kIterations);

void hit_with_udp_checksum(benchmark::State& state) {
  ClassifierConfig config = with_addresses(4);
  config.verify_udp_checksum = true;
  run(state, config, {taken_frame(1'200)});
}
BENCHMARK(hit_with_udp_checksum)->Iterations(kIterations);

void miss_tcp(benchmark::State& state) {
  run(state, with_addresses(4), {changed(22, 0x4006)});
}
BENCHMARK(miss_tcp)->Iterations(kIterations);

void miss_port(benchmark::State& state) {
  run(state, with_addresses(4), {changed(36, 53)});
}
BENCHMARK(miss_port)->Iterations(kIterations);

void mixed(benchmark::State& state) {
  FrameMutator mutator(row_classifier());
  Frames frames;
  for (std::size_t i = 0; i < kFramesAnIteration; ++i) {
    const std::span<const std::byte> frame = mutator.next();
    frames.emplace_back(frame.begin(), frame.end());
  }
  run(state, row_classifier(), frames);
}
BENCHMARK(mixed)->Iterations(kIterations);

}  // namespace
}  // namespace penstock
