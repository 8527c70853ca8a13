// The leader against the golden capture where it is present, and against the rules of cutting always.
#include "sim/workload/shredder.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/capture/capture.h"
#include "engine/shred/parse.h"
#include "engine/shred/rules.h"
#include "engine/shred/testing/hex.h"
#include "engine/shred/testing/known_answers.h"
#include "engine/testing/fixtures.h"

namespace penstock {
namespace {

using testing::array_from_hex;
using testing::to_hex;

KeyPair test_keys() {
  return key_pair_from_seed(std::array<std::byte, 32>{});
}

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>(i * 7 + i / 251 + 1);
  return bytes;
}

std::vector<std::unique_ptr<FecSet>> shred(Shredder& shredder, std::span<const std::byte> batch,
                                           const BatchPlan& plan) {
  EXPECT_TRUE(shredder.start_batch(batch, plan));
  std::vector<std::unique_ptr<FecSet>> sets;
  while (true) {
    auto set = std::make_unique<FecSet>();
    if (!shredder.next_set(set.get())) return sets;
    sets.push_back(std::move(set));
  }
}

// What a follower reads back from the data shreds.
std::vector<std::byte> payload_of(const std::vector<std::unique_ptr<FecSet>>& sets) {
  std::vector<std::byte> bytes;
  for (const auto& set : sets) {
    for (std::size_t i = 0; i < 32; ++i) {
      const auto member = set->member(i);
      const auto part = member.subspan(88, parse_shred(member).header.size - 88u);
      bytes.insert(bytes.end(), part.begin(), part.end());
    }
  }
  return bytes;
}

std::uint8_t flags_of_last(const FecSet& set) {
  return parse_shred(set.member(31)).header.flags;
}

void expect_valid(const FecSet& set, const MerkleHash& chained_root, MerkleHash* root_out) {
  MerkleHasher hasher;
  for (std::size_t i = 0; i < 64; ++i) {
    const auto member = set.member(i);
    const ParsedShred parsed = parse_shred(member);
    ASSERT_TRUE(parsed.ok());
    ASSERT_EQ(check_rules(parsed.header, {}, RuleMode::kStrict), RejectReason::kNone);
    ASSERT_EQ(parsed.header.member(), i);
    const ShredLayout layout = layout_of(parsed.header.variant);
    ASSERT_EQ(to_hex(member.subspan(layout.chained_root, 32)), to_hex(chained_root));
    MerkleHash root;
    ASSERT_TRUE(hasher.fold(hasher.leaf_of(member, layout), parsed.header.member(),
                            member.subspan(layout.proof, 120), root));
    ASSERT_TRUE(verify(public_key_of(test_keys()), root, member.first<64>()));
    if (i != 0) {
      ASSERT_EQ(root, *root_out);
    }
    *root_out = root;
  }
}

TEST(Shredder, EverySetIsValidAndChained) {
  Shredder shredder({.keys = test_keys(), .version = 9});
  MerkleHash root = array_from_hex<32>(testing::kGoldenFirstChainedRoot);
  shredder.start_slot(7, 2, root);
  const auto batch = pattern(70'000);
  for (const bool last : {false, true}) {
    for (const auto& set : shred(shredder, batch, {.reference_tick = 5, .last_in_slot = last})) {
      const MerkleHash chained = root;
      expect_valid(*set, chained, &root);
    }
  }
  EXPECT_EQ(root, shredder.last_root());
}

TEST(Shredder, TheBatchReadsBackWhateverItsSize) {
  for (const bool last : {false, true}) {
    for (const std::size_t size : {1u, 962u, 963u, 964u, 28'767u, 28'768u, 28'769u, 30'815u, 30'816u, 30'817u,
                                   59'584u, 59'585u, 61'632u, 100'000u}) {
      Shredder shredder({.keys = test_keys()});
      shredder.start_slot(1, 1, {});
      const auto batch = pattern(size);
      EXPECT_EQ(payload_of(shred(shredder, batch, {.last_in_slot = last})), batch) << size;
    }
  }
}

TEST(Shredder, ABatchInsideTheSlotEndsWithDataComplete) {
  Shredder shredder({.keys = test_keys()});
  shredder.start_slot(1, 1, {});
  const auto sets = shred(shredder, pattern(30'817), {.reference_tick = 63});
  ASSERT_EQ(sets.size(), 2u);
  EXPECT_FALSE(sets[0]->resigned);
  EXPECT_FALSE(sets[1]->resigned);
  EXPECT_EQ(flags_of_last(*sets[0]), 63);
  EXPECT_EQ(flags_of_last(*sets[1]), 63 | kDataComplete);
  EXPECT_EQ(parse_shred(sets[1]->member(0)).header.size, 89);
  EXPECT_EQ(parse_shred(sets[1]->member(1)).header.size, 88);
}

TEST(Shredder, TheLastBatchEndsWithOneResignedSet) {
  Shredder shredder({.keys = test_keys()});
  shredder.start_slot(1, 1, {});
  const auto sets = shred(shredder, pattern(28'769), {.reference_tick = 1, .last_in_slot = true});
  ASSERT_EQ(sets.size(), 2u);
  EXPECT_FALSE(sets[0]->resigned);
  EXPECT_TRUE(sets[1]->resigned);
  EXPECT_EQ(flags_of_last(*sets[0]), 1);  // short, and without DATA_COMPLETE
  EXPECT_EQ(flags_of_last(*sets[1]), 1 | kLastInSlot);
  for (std::size_t i = 0; i < 64; ++i) {
    const auto member = sets[1]->member(i);
    EXPECT_TRUE(std::all_of(member.end() - 64, member.end(), [](std::byte b) { return b == std::byte{0}; }));
  }
}

TEST(Shredder, AnEmptyBatchIsOneSetAtTheEndOfASlotAndNothingInside) {
  Shredder shredder({.keys = test_keys()});
  shredder.start_slot(1, 1, {});
  EXPECT_TRUE(shred(shredder, {}, {}).empty());
  const auto sets = shred(shredder, {}, {.last_in_slot = true});
  ASSERT_EQ(sets.size(), 1u);
  EXPECT_TRUE(payload_of(sets).empty());
  EXPECT_EQ(flags_of_last(*sets[0]), kLastInSlot);
}

TEST(Shredder, IndicesGoOnInASlotAndStartAgainInTheNext) {
  Shredder shredder({.keys = test_keys()});
  shredder.start_slot(1, 1, {});
  EXPECT_EQ(shred(shredder, pattern(10), {})[0]->fec_set_index, 0u);
  EXPECT_EQ(shred(shredder, pattern(10), {})[0]->fec_set_index, 32u);
  shredder.start_slot(2, 1, shredder.last_root());
  const auto sets = shred(shredder, pattern(10), {});
  EXPECT_EQ(sets[0]->fec_set_index, 0u);
  EXPECT_EQ(sets[0]->slot, 2u);
}

TEST(Shredder, ASlotHasRoomFor1024Sets) {
  const auto full = pattern(1024 * kFecSetPayload);
  {
    Shredder shredder({.keys = test_keys()});
    shredder.start_slot(1, 1, {});
    EXPECT_TRUE(shredder.start_batch(full, {}));
  }
  Shredder shredder({.keys = test_keys()});
  shredder.start_slot(1, 1, {});
  EXPECT_FALSE(shredder.start_batch(full, {.last_in_slot = true}));  // 1,025 sets with the resigned one
  EXPECT_EQ(shred(shredder, std::span(full).first(1), {}).size(), 1u);
  EXPECT_FALSE(shredder.start_batch(full, {}));
}

TEST(ShredderFixture, ReproducesTheGoldenCaptureByteForByte) {
  for (const char* name : {"demo-shreds.bin", "demo-shreds.key", "demo-shreds.pcap"}) {
    if (!testing::fixture(name)) GTEST_SKIP() << testing::fixture_absent(name);
  }
  const std::string key_file = testing::read_fixture(*testing::fixture("demo-shreds.key"));
  const std::string batch = testing::read_fixture(*testing::fixture("demo-shreds.bin"));
  const auto frames = read_ethernet_frames(*testing::fixture("demo-shreds.pcap"));
  ASSERT_TRUE(frames);
  ASSERT_EQ(frames->size(), 512u);
  KeyPair keys;
  ASSERT_EQ(key_file.size(), keys.size());
  std::copy_n(std::as_bytes(std::span(key_file)).begin(), keys.size(), keys.begin());

  Shredder shredder({.keys = keys, .version = testing::kGoldenVersion});
  shredder.start_slot(0, 0, array_from_hex<32>(testing::kGoldenFirstChainedRoot));
  const auto sets = shred(shredder, std::as_bytes(std::span(batch)), {.last_in_slot = true});
  ASSERT_EQ(sets.size(), testing::kGoldenSets.size());

  std::vector<std::byte> all;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    std::vector<std::byte> of_set;
    for (std::size_t i = 0; i < 64; ++i) {
      const auto member = sets[s]->member(i);
      const auto sent = std::span((*frames)[s * 64 + i].bytes).subspan(42);
      EXPECT_TRUE(std::equal(member.begin(), member.end(), sent.begin(), sent.end())) << s << " " << i;
      of_set.insert(of_set.end(), member.begin(), member.end());
    }
    EXPECT_EQ(testing::sha256_hex(of_set), testing::kGoldenSets[s].set_sha256) << s;
    all.insert(all.end(), of_set.begin(), of_set.end());
  }
  EXPECT_EQ(testing::sha256_hex(all), testing::kGoldenPayloadsSha256);
  EXPECT_EQ(to_hex(shredder.last_root()), testing::kGoldenSets.back().root);
  for (const testing::KnownPayload& known : testing::kGoldenPayloads) {
    EXPECT_EQ(testing::sha256_hex(sets[known.fec_set_index / 32]->member(known.member)), known.sha256);
  }
}

}  // namespace
}  // namespace penstock
