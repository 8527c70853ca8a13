// The map against std::map under random inserts and erases, with few and with many collisions.
#include "engine/shred/fixed_map.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace penstock {
namespace {

struct Number {
  std::uint64_t value = 0;
  bool operator==(const Number&) const = default;
};
std::uint64_t hash_of(const Number& number, std::uint64_t seed) {
  return number.value * 0x9e3779b97f4a7c15u >> 32 ^ seed;
}

// All keys of one of four homes: long runs, shifted at every erase.
struct Crowded {
  std::uint64_t value = 0;
  bool operator==(const Crowded&) const = default;
};
std::uint64_t hash_of(const Crowded& key, std::uint64_t) {
  return key.value % 4 * 20;
}

template <typename Key>
void compare_with_std_map(std::size_t capacity, std::uint64_t keys) {
  FixedMap<Key> map(capacity, 5);
  std::map<std::uint64_t, std::uint32_t> expected;
  std::mt19937_64 random(1);
  for (std::uint32_t step = 0; step < 20'000; ++step) {
    const Key key{random() % keys};
    const auto known = expected.find(key.value);
    std::uint32_t* found = map.find(key);
    ASSERT_EQ(found != nullptr, known != expected.end());
    if (found) {
      ASSERT_EQ(*found, known->second);
      map.erase(key);
      expected.erase(known);
    } else if (expected.size() < capacity) {
      map.insert(key, step);
      expected[key.value] = step;
    }
    ASSERT_EQ(map.size(), expected.size());
  }
  for (std::uint64_t value = 0; value < keys; ++value) {
    ASSERT_EQ(map.find(Key{value}) != nullptr, expected.count(value) == 1);
  }
}

TEST(FixedMap, BehavesAsStdMap) {
  compare_with_std_map<Number>(100, 300);
}
TEST(FixedMap, BehavesAsStdMapWhenKeysCollide) {
  compare_with_std_map<Crowded>(30, 60);
}

TEST(FixedMapDeathTest, RefusesMisuse) {
  FixedMap<Number> map(1, 0);
  map.insert({1}, 1);
  EXPECT_DEATH(map.insert({2}, 2), "CHECK");
  EXPECT_DEATH(map.erase({2}), "CHECK");
  map.erase({1});
  EXPECT_DEATH(map.erase({1}), "CHECK");
  EXPECT_EQ(map.find({1}), nullptr);
}

}  // namespace
}  // namespace penstock
