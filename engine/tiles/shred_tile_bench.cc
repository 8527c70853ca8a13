// The shred tile with full checks: shreds in frames of a pool larger than the second cache, in shuffled
// places, read from an mcache link and resolved to the end of their sets. Publishing is outside the timer.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/base/check.h"
#include "engine/shred/testing/signed_set.h"
#include "engine/tiles/shred_tile.h"

namespace penstock {
namespace {

constexpr std::uint32_t kSets = 128;
constexpr std::uint32_t kFrames = kSets * 64;
constexpr std::uint32_t kDepth = kFrames;
constexpr std::uint16_t kOffset = 256 + 42;

// All shreds of the sets, in their frames.
struct Pool {
  Pool() : umem(*Umem::create(kFrames)), place(kFrames) {
    std::iota(place.begin(), place.end(), 0);
    std::mt19937_64 random(1);
    for (std::size_t i = place.size(); i > 1; --i)
      std::swap(place[i - 1], place[random() % i]);
    for (std::uint32_t s = 0; s < kSets; ++s) {
      const testing::SignedSet set = testing::make_signed_set({.fec_set_index = 32 * s, .seed = s});
      for (std::uint32_t i = 0; i < 64; ++i) {
        std::byte* frame = umem.memory().base + umem.memory().address_of(place[64 * s + i]);
        std::copy(set.shreds[i].begin(), set.shreds[i].end(), frame + kOffset);
        length[64 * s + i] = static_cast<std::uint16_t>(set.shreds[i].size());
      }
    }
  }
  Umem umem;
  std::vector<std::uint32_t> place;  // frame of member i of set s at 64 * s + i
  std::array<std::uint16_t, kFrames> length{};
};

const Pool& pool() {
  static const Pool kMade;
  return kMade;
}

// Argument: how many sets arrive interleaved; members of each are mixed. The tile remembers fewer finished
// sets than there are, so that all can come again.
void resolve(benchmark::State& state) {
  const FixedLeader leader(public_key_of(testing::test_leader(0)));
  const auto interleaved = static_cast<std::uint32_t>(state.range(0));
  std::vector<std::uint32_t> order;
  for (std::uint32_t first = 0; first < kSets; first += interleaved) {
    for (std::uint32_t i = 0; i < 64; ++i) {
      for (std::uint32_t s = first; s < first + interleaved; ++s)
        order.push_back(64 * s + i * 37 % 64);
    }
  }
  McacheMemory lines(kDepth);
  McacheProducer<Frag> link(lines.lines(), [](std::uint64_t) { return Frag{}; });
  const ShredLink input{lines.lines(), pool().umem.memory()};
  ShredTile tile({.max_open_sets = 64, .reuse_after = 16, .history = 16, .held_sets = 64}, {&input, 1},
                 &leader, nullptr);
  for (auto _ : state) {
    state.PauseTiming();
    for (const std::uint32_t shred : order) {
      Frag frag;
      frag.frame = pool().place[shred];
      frag.offset = kOffset;
      frag.length = pool().length[shred];
      link.publish(frag);
    }
    state.ResumeTiming();
    while (tile.step(0) != 0) {
    }
  }
  const ResolverCounts counts(tile.counters().snapshot());
  PENSTOCK_CHECK(counts.sets_finished > 0 && counts.added == counts.accounted());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(order.size()));
  state.counters["accepted"] = static_cast<double>(counts.accepted) / static_cast<double>(counts.added);
}
BENCHMARK(resolve)->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace penstock
