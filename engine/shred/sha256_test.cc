// Against OpenSSL, for every length around the block boundaries and every combination of two.
#include "engine/shred/sha256.h"

#include <cstdlib>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include "engine/shred/testing/hex.h"

namespace penstock {
namespace {

constexpr char kPrefix[] = "\0twenty-five letters ABCDE";
static_assert(sizeof(kPrefix) == Sha256::kPrefixSize + 1);
constexpr Sha256::Prefix prefix() {
  return std::span(kPrefix).first<Sha256::kPrefixSize>();
}

std::vector<std::byte> random_bytes(std::size_t size) {
  std::mt19937_64 random(size);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes)
    byte = static_cast<std::byte>(random());
  return bytes;
}

// One-shot, through another interface of OpenSSL than the class uses.
std::string expected(std::span<const std::byte> input) {
  const auto head = std::as_bytes(std::span<const char>(prefix()));
  std::vector<std::byte> message(head.begin(), head.end());
  message.insert(message.end(), input.begin(), input.end());
  return testing::sha256_hex(message);
}

// OpenSSL's own allocations, which no operator new sees. It takes these functions only before its first one.
std::size_t openssl_allocations = 0;
const bool kCounted =
    CRYPTO_set_mem_functions(
        [](std::size_t size, const char*, int) { return ++openssl_allocations, std::malloc(size); },
        [](void* old, std::size_t size, const char*, int) {
          return ++openssl_allocations, std::realloc(old, size);
        },
        [](void* memory, const char*, int) { std::free(memory); }) == 1;

class Sha256Test : public ::testing::TestWithParam<Sha256::Engine> {
 protected:
  Sha256 sha_{GetParam()};
};

TEST_P(Sha256Test, EveryLength) {
  for (std::size_t size = 0; size < 1100; ++size) {
    const auto input = random_bytes(size);
    Sha256::Hash hash;
    sha_.hash(prefix(), input, hash);
    ASSERT_EQ(testing::to_hex(hash), expected(input)) << size;
  }
}

TEST_P(Sha256Test, NothingIsAllocatedForAMessage) {
  ASSERT_TRUE(kCounted);
  const auto input = random_bytes(1019);
  const std::size_t before = openssl_allocations;
  Sha256::Hash hash, other;
  sha_.hash(prefix(), input, hash);
  sha_.hash_pair(prefix(), input, input, hash, other);
  EXPECT_EQ(openssl_allocations, before);
  static_cast<void>(expected(input));
  EXPECT_GT(openssl_allocations, before) << "the count sees what OpenSSL allocates";
}

TEST_P(Sha256Test, EveryPairOfLengthsThatMeetAtABlockBoundary) {
  const std::vector<std::size_t> sizes = {0,   20,  37,  38,  39,   40,   92,   93,   94,  101,
                                          102, 103, 955, 980, 1019, 1044, 1061, 1062, 1063};
  for (const std::size_t a : sizes) {
    for (const std::size_t b : sizes) {
      const auto first = random_bytes(a);
      const auto second = random_bytes(b + 1);
      Sha256::Hash hash_a, hash_b;
      sha_.hash_pair(prefix(), first, second, hash_a, hash_b);
      ASSERT_EQ(testing::to_hex(hash_a), expected(first)) << a << " " << b;
      ASSERT_EQ(testing::to_hex(hash_b), expected(second)) << a << " " << b;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, Sha256Test,
                         ::testing::Values(Sha256::Engine::kBest, Sha256::Engine::kOpenSsl),
                         [](const auto& info) {
                           return std::string(info.param == Sha256::Engine::kBest ? "Best" : "OpenSsl");
                         });

}  // namespace
}  // namespace penstock
