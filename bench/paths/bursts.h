// The largest burst that is received whole, by the size of the RX ring: what a ring is for.
//
// A burst is so many frames flat out into a receiver that is idle before and behind it. The search is
// that of rate_search.h with the size in the rate's place: two of at most three bursts without a loss, found
// to 6 %, from the ring's own size up or down, 64 frames at the least.
// Coupled, the sender is slowed down by what it sends to, and a receiver that keeps up has no largest burst:
// then it says that all were received.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/paths/comparison.h"
#include "bench/paths/sample.h"
#include "engine/base/result.h"

namespace penstock {

struct BurstConfig {
  ComparisonConfig comparison{};                                          // by default both filters
  std::vector<std::uint32_t> rings{512, 1024, 2048, 4096, 8192, 32'768};  // entries, powers of two
  std::uint64_t most = 500'000;                                           // frames of the largest burst
};

struct BurstCell {
  std::string way{};
  std::uint32_t ring = 0;
  Sample largest{};        // frames, a value a round
  bool all_passed = true;  // each round: no burst that was tried lost a frame
  Sample rate{};           // frames a second that the last burst which passed left with
};

struct Bursts {
  BurstConfig config{};
  std::string kernel{};
  std::vector<BurstCell> cells{};  // way by way, rings within
};

Result<Bursts> run_bursts(const BurstConfig& config, const std::function<void(const std::string&)>& progress);

std::string to_table(const Bursts& bursts);
std::string to_json(const Bursts& bursts);

}  // namespace penstock
