// The resolver by path, and as a whole. Firedancer's figures for the same steps, on another machine, are
// in shared/reference/firedancer.md section 9. Signed sets are made outside the timer.
#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/base/check.h"
#include "engine/shred/fec_resolver.h"
#include "engine/shred/testing/signed_set.h"

namespace penstock {
namespace {

using testing::SignedSet;

const FixedLeader& leader() {
  static const FixedLeader kFixed(public_key_of(testing::test_leader(0)));
  return kFixed;
}

// 256 sets of 16 slots.
const std::vector<SignedSet>& sets() {
  static const std::vector<SignedSet> kMade = [] {
    std::vector<SignedSet> sets;
    for (std::uint32_t s = 0; s < 256; ++s) {
      sets.push_back(
          testing::make_signed_set({.slot = 1000 + s / 16, .fec_set_index = 32 * (s % 16), .seed = s}));
    }
    return sets;
  }();
  return kMade;
}

// Remembers almost nothing, so that the same sets can come again and again and no page of the set memory
// is touched for the first time while the clock runs.
FecResolverConfig forgetful() {
  return {.max_open_sets = 512, .reuse_after = 1, .history = 1, .held_sets = 64};
}

// How shreds are handed over: one after the other, or so that the leaves of two are hashed at once.
enum class By : std::int64_t { kAdd, kPush };

void hand_over(FecResolver& resolver, std::span<const std::byte> shred, std::span<const std::byte> next,
               By by) {
  // As the shred tile does with the next frame of its link.
  for (std::size_t at = 0; at < next.size(); at += 64)
    __builtin_prefetch(next.data() + at);
  by == By::kPush ? resolver.push(shred) : static_cast<void>(resolver.add(shred));
}

void add_members(FecResolver& resolver, std::size_t begin, std::size_t end, std::size_t step,
                 By by = By::kAdd) {
  for (const SignedSet& set : sets()) {
    for (std::size_t i = begin; i < end; ++i)
      hand_over(resolver, set.shreds[i * step % 64], set.shreds[(i + 1) * step % 64], by);
  }
  resolver.flush();
}

// Arguments: order of the members, each `step` behind the other, and By. 1: all data, then all code, so
// nothing is rebuilt but parity. 37: mixed, so half of the data is. The 64 of a set follow each other.
void resolve(benchmark::State& state) {
  FecResolver resolver(forgetful(), &leader(), nullptr);
  const auto step = static_cast<std::size_t>(state.range(0));
  const auto by = static_cast<By>(state.range(1));
  add_members(resolver, 0, 64, step);
  for (auto _ : state)
    add_members(resolver, 0, 64, step, by);
  PENSTOCK_CHECK(resolver.counts().late > 0 && resolver.counts().sets_finished >= sets().size());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sets().size() * 64));
}
BENCHMARK(resolve)->ArgsProduct({{1, 37}, {0, 1}})->ArgNames({"step", "push"})->Unit(benchmark::kMillisecond);

// A later member of sets of which eight arrive at once, as two or three slots under way do: members 1 to 30
// of eight sets in turn, after their first ones, before the others end the sets. Arguments as of resolve.
void later_member(benchmark::State& state) {
  constexpr std::size_t kAtOnce = 8;
  FecResolver resolver(forgetful(), &leader(), nullptr);
  const auto step = static_cast<std::size_t>(state.range(0));
  const auto by = static_cast<By>(state.range(1));
  const auto add = [&](std::size_t first, std::size_t begin, std::size_t end, By how) {
    for (std::size_t i = begin; i < end; ++i) {
      for (std::size_t s = 0; s < kAtOnce; ++s)
        hand_over(resolver, sets()[first + s].shreds[i * step % 64],
                  sets()[first + (s + 1) % kAtOnce].shreds[(i + (s + 1) / kAtOnce) * step % 64], how);
    }
    resolver.flush();
  };
  for (auto _ : state) {
    for (std::size_t first = 0; first < sets().size(); first += kAtOnce) {
      state.PauseTiming();
      add(first, 0, 1, By::kAdd);
      state.ResumeTiming();
      add(first, 1, 31, by);
      state.PauseTiming();
      add(first, 31, 32, By::kAdd);
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sets().size() * 30));
}
BENCHMARK(later_member)
    ->ArgsProduct({{1, 37}, {0, 1}})
    ->ArgNames({"step", "push"})
    ->Unit(benchmark::kMillisecond);

// The other parts of that, set after set, so that what a set needs has left the caches since its last shred:
// the first member (proof and Ed25519), members 1 to 30, the 32nd (recovery and the whole tree).
void part_of_sets(benchmark::State& state, std::size_t begin, std::size_t end) {
  FecResolver resolver(forgetful(), &leader(), nullptr);
  const auto step = static_cast<std::size_t>(state.range(0));
  const auto by = static_cast<By>(state.range(1));
  add_members(resolver, 0, 64, step);
  for (auto _ : state) {
    state.PauseTiming();
    add_members(resolver, 0, begin, step);
    state.ResumeTiming();
    add_members(resolver, begin, end, step, by);
    state.PauseTiming();
    add_members(resolver, end, 32, step);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sets().size() * (end - begin)));
}
void first_member(benchmark::State& state) {
  part_of_sets(state, 0, 1);
}
void later_member_cold(benchmark::State& state) {
  part_of_sets(state, 1, 31);
}
void completing_member(benchmark::State& state) {
  part_of_sets(state, 31, 32);
}
BENCHMARK(first_member)->Args({1, 0})->Unit(benchmark::kMillisecond);
BENCHMARK(later_member_cold)
    ->ArgsProduct({{1, 37}, {0, 1}})
    ->ArgNames({"step", "push"})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(completing_member)->ArgsProduct({{1, 37}, {0}})->Unit(benchmark::kMillisecond);

// 64 finished sets whose memory is still there.
std::unique_ptr<FecResolver> fresh() {
  return std::make_unique<FecResolver>(
      FecResolverConfig{.max_open_sets = 512, .reuse_after = 64, .history = 1024, .held_sets = 64}, &leader(),
      nullptr);
}

// A function of its own, so that callgrind counts nothing else.
[[gnu::noinline]] void add_all_again(FecResolver& resolver) {
  for (const auto& shred : sets()[0].shreds)
    benchmark::DoNotOptimize(resolver.add(shred));
}
void finished_set_duplicate(benchmark::State& state) {
  auto resolver = fresh();
  for (const auto& shred : sets()[0].shreds)
    resolver->add(shred);
  for (auto _ : state)
    add_all_again(*resolver);
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(finished_set_duplicate)->Iterations(16'384);

// The same as the shred tile takes it.
void finished_set_duplicate_pushed(benchmark::State& state) {
  auto resolver = fresh();
  for (const auto& shred : sets()[0].shreds)
    resolver->add(shred);
  std::size_t i = 0;
  for (auto _ : state)
    resolver->push(sets()[0].shreds[i++ % 64]);
}
BENCHMARK(finished_set_duplicate_pushed);

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
