// The resolver by path, and as a whole. Firedancer's figures for the same steps, on another machine, are
// in shared/reference/firedancer.md section 9. Signed sets are made outside the timer.
#include <algorithm>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/base/check.h"
#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using testing::SignedSet;

const FixedLeader& leader() {
  static const FixedLeader fixed(public_key_of(testing::test_leader(0)));
  return fixed;
}

// 256 sets of 16 slots.
const std::vector<SignedSet>& sets() {
  static const std::vector<SignedSet> made = [] {
    std::vector<SignedSet> sets;
    for (std::uint32_t s = 0; s < 256; ++s) {
      sets.push_back(
          testing::make_signed_set({.slot = 1000 + s / 16, .fec_set_index = 32 * (s % 16), .seed = s}));
    }
    return sets;
  }();
  return made;
}

std::unique_ptr<FecResolver> fresh() {
  return std::make_unique<FecResolver>(
      FecResolverConfig{.max_open_sets = 512, .reuse_after = 64, .history = 1024, .held_sets = 64}, &leader(),
      nullptr);
}

// All sets, `step` apart in the order of members, `count` members each; a fresh resolver per turn.
void resolve(benchmark::State& state, std::size_t count, std::size_t step) {
  std::int64_t shreds = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto resolver = fresh();
    state.ResumeTiming();
    for (const SignedSet& set : sets()) {
      for (std::size_t i = 0; i < count; ++i)
        resolver->add(set.shreds[i * step % 64]);
    }
    shreds += static_cast<std::int64_t>(sets().size() * count);
    state.PauseTiming();
    PENSTOCK_CHECK(resolver->counts().sets_finished == (count >= 32 ? sets().size() : 0));
    resolver.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(shreds);
}
void resolve_in_order(benchmark::State& state) {
  resolve(state, 64, 1);
}
BENCHMARK(resolve_in_order)->Unit(benchmark::kMillisecond);
// Data and code mixed: half of the data must be rebuilt.
void resolve_mixed(benchmark::State& state) {
  resolve(state, 64, 37);
}
BENCHMARK(resolve_mixed)->Unit(benchmark::kMillisecond);
void resolve_only_what_is_used(benchmark::State& state) {
  resolve(state, 32, 37);
}
BENCHMARK(resolve_only_what_is_used)->Unit(benchmark::kMillisecond);
void first_shreds_of_sets(benchmark::State& state) {
  resolve(state, 1, 1);
}
BENCHMARK(first_shreds_of_sets)->Unit(benchmark::kMillisecond);

// Members 1 to 30 of sets that are open: hashes, no signature, no recovery.
void later_shred(benchmark::State& state) {
  const std::size_t step = static_cast<std::size_t>(state.range(0));
  std::int64_t shreds = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto resolver = fresh();
    for (const SignedSet& set : sets())
      resolver->add(set.shreds[0]);
    state.ResumeTiming();
    for (const SignedSet& set : sets()) {
      for (std::size_t i = 1; i < 31; ++i)
        resolver->add(set.shreds[i * step % 64]);
    }
    shreds += static_cast<std::int64_t>(sets().size() * 30);
    state.PauseTiming();
    resolver.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(shreds);
}
BENCHMARK(later_shred)->Arg(1)->Arg(37)->Unit(benchmark::kMillisecond);

void finished_set_duplicate(benchmark::State& state) {
  auto resolver = fresh();
  for (const auto& shred : sets()[0].shreds)
    resolver->add(shred);
  std::size_t i = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(resolver->add(sets()[0].shreds[i++ % 64]));
}
BENCHMARK(finished_set_duplicate);

// The second half of finished sets, compared with the rebuilt bytes.
void late_member(benchmark::State& state) {
  std::int64_t shreds = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto resolver = fresh();
    for (std::size_t s = 0; s < 64; ++s) {
      for (std::size_t i = 0; i < 32; ++i)
        resolver->add(sets()[s].shreds[i]);
    }
    state.ResumeTiming();
    for (std::size_t s = 0; s < 64; ++s) {
      for (std::size_t i = 32; i < 64; ++i)
        resolver->add(sets()[s].shreds[i]);
    }
    shreds += 64 * 32;
    state.PauseTiming();
    PENSTOCK_CHECK(resolver->counts().late == 64 * 32);
    resolver.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(shreds);
}
BENCHMARK(late_member)->Unit(benchmark::kMicrosecond);

// Distinct forged first shreds once the credit is spent, and one that is repeated.
void forged_first_shred(benchmark::State& state) {
  auto resolver = fresh();
  std::vector<std::byte> shred = sets()[0].shreds[0];
  std::uint64_t number = 0;
  for (auto _ : state) {
    ++number;
    std::copy_n(reinterpret_cast<const std::byte*>(&number), sizeof(number), shred.begin() + 8);
    benchmark::DoNotOptimize(resolver->add(shred));
  }
  state.counters["signature_checks"] = static_cast<double>(resolver->counts().signature_checks);
}
BENCHMARK(forged_first_shred);

void repeated_forgery(benchmark::State& state) {
  auto resolver = fresh();
  const SignedSet forged = testing::make_signed_set({.leader = 1});
  for (auto _ : state)
    benchmark::DoNotOptimize(resolver->add(forged.shreds[0]));
}
BENCHMARK(repeated_forgery);

}  // namespace
}  // namespace penstock
