// The mutator's contract: what its frames are worth as a test, and that a seed repeats them.
#include "engine/classify/fuzz/frame_mutator.h"

#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/classify/testing/policy_rows.h"
#include "engine/metrics/counters.h"
#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

using Counts = std::array<std::uint64_t, PENSTOCK_REASON_COUNT>;

Counts count_reasons(const ClassifierConfig& config, int frames) {
  const Classifier classifier = *Classifier::create(config);
  FrameMutator mutator(config);
  Counts counts{};
  for (int i = 0; i < frames; ++i)
    ++counts.at(classifier.classify(mutator.next()).reason);
  return counts;
}

std::vector<std::byte> copy(std::span<const std::byte> frame) {
  return {frame.begin(), frame.end()};
}

class Mutator : public testing::TestWithParam<PolicyRow> {};

INSTANTIATE_TEST_SUITE_P(Policies, Mutator, testing::ValuesIn(policy_rows()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(Mutator, ReachesEveryReasonOfThePolicyAndIsTakenOftenEnough) {
  constexpr std::uint64_t kFrames = 1'000'000;
  const Counts counts = count_reasons(GetParam().config, kFrames);
  EXPECT_GE(counts[PENSTOCK_TAKEN], kFrames / 5);
  for (std::size_t reason = 0; reason < counts.size(); ++reason) {
    if (policy_can_give(GetParam().config, static_cast<penstock_reason>(reason))) {
      EXPECT_GE(counts.at(reason), 1'000u) << reason_name(reason);
    } else {
      EXPECT_EQ(counts.at(reason), 0u) << reason_name(reason);
    }
  }
}

TEST_P(Mutator, RepeatsAnyFrameAlone) {
  FrameMutator all(GetParam().config, {.seed = 7});
  std::vector<std::vector<std::byte>> frames(600);
  for (std::vector<std::byte>& frame : frames)
    frame = copy(all.next());
  for (const std::uint64_t number : {0, 1, 255, 256, 257, 599}) {
    FrameMutator one(GetParam().config, {.seed = 7, .first = number});
    EXPECT_EQ(copy(one.next()), frames.at(number)) << number;
    EXPECT_EQ(one.number(), number);
  }
}

TEST(MutatorFrames, DifferBySeed) {
  FrameMutator first(policy_rows()[0].config, {.seed = 1});
  FrameMutator second(policy_rows()[0].config, {.seed = 2});
  EXPECT_NE(copy(first.next()), copy(second.next()));
}

TEST(MutatorFrames, KeepTheirLimitsAndReachThem) {
  for (const auto& [least, most] : {std::pair<std::size_t, std::size_t>{14, 3520}, {60, 1514}}) {
    FrameMutator mutator(policy_rows()[0].config, {.min_bytes = least, .max_bytes = most});
    std::set<std::size_t> sizes;
    for (int i = 0; i < 50'000; ++i)
      sizes.insert(mutator.next().size());
    EXPECT_EQ(*sizes.begin(), least);
    EXPECT_EQ(*sizes.rbegin(), most);
  }
}

TEST(MutatorFrames, CarryTheirNumber) {
  const ClassifierConfig config = policy_rows()[0].config;
  const Classifier classifier = *Classifier::create(config);
  FrameMutator mutator(config, {.first = 70'000, .bytewise = false});
  int seen = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::span<const std::byte> frame = mutator.next();
    const Verdict verdict = classifier.classify(frame);
    if (!verdict.taken() || verdict.payload.length < FrameMutator::kTag) continue;
    ASSERT_EQ(load_be16(&frame[18]), static_cast<std::uint16_t>(mutator.number()));
    const std::byte* tag = &frame[verdict.payload.offset];
    ASSERT_EQ(std::uint64_t{load_be32(tag)} << 32 | load_be32(tag + 4), mutator.number());
    ++seen;
  }
  EXPECT_GT(seen, 2'000);
}

// A new mutation gives a new value here, and other frames for every seed that was written down.
TEST(MutatorFrames, OfASeedAreTheSameOnEveryMachine) {
  FrameMutator mutator(policy_rows()[0].config, {.seed = 1});
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (int i = 0; i < 1'000; ++i) {
    for (const std::byte byte : mutator.next())
      hash = (hash ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3;
  }
  EXPECT_EQ(hash, 12246303465907804264u);
}

}  // namespace
}  // namespace penstock
