// Cost of reading and checking one header. The payloads lie far apart in one area larger than the
// first caches, as frames in a UMEM do, and are visited in order.
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/shred/parse.h"
#include "engine/shred/rules.h"

namespace penstock {
namespace {

constexpr std::size_t kChunk = 2048;
constexpr int kIterations = 1 << 22;  // on any machine: bench/suites/suites.toml counts instructions by it

std::vector<std::byte> make_payloads(std::size_t count) {
  std::vector<std::byte> area(count * kChunk);
  for (std::size_t i = 0; i < count; ++i) {
    const bool data = i % 2 == 0;
    const auto place = static_cast<std::uint32_t>(i / 2 % 32);
    ShredHeader header{
        .slot = 7, .index = place, .version = 1, .variant = data ? kDataVariant : kCodeVariant};
    if (data) {
      header.parent_offset = 1;
      header.size = 1051;
    } else {
      header.num_data = header.num_code = 32;
      header.position = static_cast<std::uint16_t>(place);
    }
    write_shred_header(header, std::span(area).subspan(i * kChunk, kMaxShredSize));
  }
  return area;
}

// Argument: how many distinct payloads; 16 stay in the first cache.
void parse(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto area = make_payloads(count);
  std::size_t i = 0;
  for (auto _ : state) {
    const ParsedShred parsed = parse_shred(std::span(area).subspan(i * kChunk, kMaxShredSize));
    benchmark::DoNotOptimize(parsed);
    i = i + 1 == count ? 0 : i + 1;
  }
}
BENCHMARK(parse)->Arg(16)->Arg(4096)->Iterations(kIterations);

void parse_and_check(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto area = make_payloads(count);
  std::size_t i = 0;
  for (auto _ : state) {
    const ParsedShred parsed = parse_shred(std::span(area).subspan(i * kChunk, kMaxShredSize));
    RejectReason reason = check_rules(parsed.header, {}, RuleMode::kStrict);
    benchmark::DoNotOptimize(reason);
    i = i + 1 == count ? 0 : i + 1;
  }
}
BENCHMARK(parse_and_check)->Arg(16)->Arg(4096)->Iterations(kIterations);

}  // namespace
}  // namespace penstock
