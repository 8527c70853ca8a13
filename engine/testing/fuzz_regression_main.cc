// Runs a fuzz target without libFuzzer, as an ordinary test: FILES... are its corpus.
// --write_seeds=DIR writes the seeds as files instead, for libFuzzer to begin with.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/testing/fuzz.h"

namespace {

using penstock::Random;
using Bytes = std::vector<std::byte>;

std::vector<std::string> corpus;

// In an allocation of its own, so that asan sees a read behind the end.
void run(std::span<const std::byte> input) {
  const auto copy = std::make_unique<std::uint8_t[]>(input.size());
  if (!input.empty()) std::memcpy(copy.get(), input.data(), input.size());
  LLVMFuzzerTestOneInput(copy.get(), input.size());
}

TEST(Fuzz, TheTargetHasSeeds) {
  EXPECT_FALSE(penstock::fuzz_seeds().empty());
}

TEST(Fuzz, RunsEverySeedAndEveryPrefix) {
  for (const Bytes& seed : penstock::fuzz_seeds()) {
    for (std::size_t bytes = 0; bytes <= seed.size(); ++bytes)
      run(std::span(seed).first(bytes));
  }
}

// One to four bytes changed, half of the time in the first 96, where most formats have their fields.
TEST(Fuzz, RunsMutationsOfTheSeeds) {
  constexpr int kInputs = 20'000;
  const std::vector<Bytes> seeds = penstock::fuzz_seeds();
  Random random(1, "fuzz regression");
  for (int i = 0; i < kInputs; ++i) {
    Bytes input = seeds[random.below(seeds.size())];
    if (input.empty()) continue;
    for (std::uint64_t changes = random.between(1, 4); changes > 0; --changes) {
      const std::size_t end = random.chance(500'000) ? std::min<std::size_t>(input.size(), 96) : input.size();
      input[random.below(end)] = static_cast<std::byte>(random.below(256));
    }
    if (random.chance(100'000)) input.resize(random.below(input.size() + 64));
    run(input);
  }
}

TEST(Fuzz, RunsTheCorpus) {
  for (const std::string& name : corpus) {
    std::ifstream file(name, std::ios::binary);
    ASSERT_TRUE(file) << name;
    const std::string content(std::istreambuf_iterator<char>(file), {});
    run(std::as_bytes(std::span(content)));
  }
}

int write_seeds(const std::string& folder) {
  const std::vector<Bytes> seeds = penstock::fuzz_seeds();
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream file(folder + "/seed-" + std::to_string(i), std::ios::binary);
    file.write(reinterpret_cast<const char*>(seeds[i].data()), static_cast<std::streamsize>(seeds[i].size()));
    if (!file.flush()) {
      std::cerr << "cannot write into " << folder << ": does it exist?\n";
      return 1;
    }
  }
  std::cout << seeds.size() << " seeds written into " << folder << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  constexpr std::string_view kWriteSeeds = "--write_seeds=";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kWriteSeeds))
      return write_seeds(std::string(argument.substr(kWriteSeeds.size())));
    corpus.emplace_back(argument);
  }
  return RUN_ALL_TESTS();
}
