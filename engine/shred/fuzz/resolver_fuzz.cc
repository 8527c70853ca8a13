// A game against the resolver whose moves the fuzzer chooses: testing/resolver_game.h says what must hold.
#include <algorithm>
#include <memory>
#include <random>
#include <span>

#include "engine/shred/testing/resolver_game.h"
#include "engine/testing/fuzz.h"

namespace penstock {
namespace {

constexpr std::size_t kLongest = 2'000;  // bytes of an input; what is behind is ignored

}  // namespace

// Short ones: the regression test runs every prefix and twenty thousand mutations.
std::vector<std::vector<std::byte>> fuzz_seeds() {
  std::vector<std::vector<std::byte>> seeds;
  std::mt19937_64 random(1);
  for (int i = 0; i < 6; ++i) {
    std::vector<std::byte> seed(160);
    for (std::byte& byte : seed)
      byte = static_cast<std::byte>(random());
    seeds.push_back(seed);
  }
  return seeds;
}

}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const penstock::testing::GameSets kSets(1);
  penstock::testing::ByteChoices choices(std::span(data, std::min(size, penstock::kLongest)));
  const auto front = choices.below(1000);  // few sets, so that some finish
  penstock::testing::ResolverGame game(kSets,
                                       {.max_open_sets = 3,
                                        .reuse_after = 1,
                                        .history = 64,
                                        .held_sets = 2,
                                        .negative_cells = 16,
                                        .signature_credit = static_cast<std::uint32_t>(choices.below(4))});
  while (choices.any_left())
    game.move(choices, front);
  game.finish();
  return 0;
}
