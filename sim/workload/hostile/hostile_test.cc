// Every ingredient by name: what the oracle, the classifier and the rules of shreds say about it.
#include "sim/workload/hostile/hostile.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "engine/classify/classifier.h"
#include "engine/shred/parse.h"
#include "engine/shred/rules.h"
#include "sim/workload/leader_source.h"
#include "sim/workload/ledger.h"
#include "sim/workload/unsigned_source.h"

namespace penstock {
namespace {

constexpr std::uint16_t kTvu = 8000, kRepair = 8007;
constexpr std::uint32_t kEach = 40;

const SampleSets& samples() {
  static const SampleSets kSamples = [] {
    SampleSets made;
    UnsignedSource source({.seed = 1, .first_slot = 500, .sets_per_slot = 2});
    EXPECT_TRUE(source.next_set(&made.chained));
    EXPECT_TRUE(source.next_set(&made.resigned));
    return made;
  }();
  return kSamples;
}

Workload empty_workload() {
  return Workload({.profile = "hostile",
                   .link = {.sender_mac = {{2, 0, 0, 0, 0, 1}},
                            .receiver_mac = {{2, 0, 0, 0, 0, 2}},
                            .receiver = {{10, 0, 0, 2}}},
                   .tvu_port = kTvu});
}

Workload cases_of(std::string_view name, std::uint32_t each = kEach) {
  Workload workload = empty_workload();
  LeaderSource leader({.seed = 1});
  const Status added = add_hostile(
      {.seed = 1, .names = {std::string(name)}, .each = each, .repair_port = kRepair, .leader = &leader},
      samples(), &workload);
  EXPECT_TRUE(added) << added.error().message();
  return workload;
}

class Ingredient : public testing::TestWithParam<HostileIngredient> {};

TEST_P(Ingredient, HasItsFateByTheOracle) {
  const Workload workload = cases_of(GetParam().name);
  ASSERT_GE(workload.frames().size(), kEach);
  const Oracle oracle = oracle_of(workload, {kRepair});
  for (const TimedFrame& frame : workload.frames()) {
    EXPECT_EQ(static_cast<int>(oracle.judge(frame.bytes).fate), static_cast<int>(GetParam().fate));
    EXPECT_EQ(frame.kind, FrameKind::kHostile);
  }
}

// The classifier and the oracle were written apart; the fast path must take exactly these two fates.
TEST_P(Ingredient, IsClassifiedAsTheOracleSays) {
  const Workload workload = cases_of(GetParam().name);
  const LinkAddresses& link = workload.info().link;
  const Result<Classifier> classifier =
      Classifier::create({.ports = {kTvu, kRepair}, .mac = link.receiver_mac, .addresses = {link.receiver}});
  ASSERT_TRUE(classifier) << classifier.error().message();
  const Oracle oracle = oracle_of(workload, {kRepair});
  for (const TimedFrame& frame : workload.frames()) {
    const Verdict verdict = classifier->classify(frame.bytes);
    const Judgement judgement = oracle.judge(frame.bytes);
    const bool take = judgement.fate == Fate::kFast || judgement.fate == Fate::kUnchecked;
    ASSERT_EQ(verdict.taken(), take) << "reason " << verdict.reason;
    if (!take) continue;
    EXPECT_EQ(frame.bytes.data() + verdict.payload.offset, judgement.payload.data());
    EXPECT_EQ(verdict.payload.length, judgement.payload.size());
  }
}

// Causes that need no key: a shred is refused for exactly the rule that its ingredient breaks.
TEST_P(Ingredient, BreaksTheRuleItNames) {
  const HostileIngredient& ingredient = GetParam();
  if (ingredient.level != HostileLevel::kShred) return;
  const Workload workload = cases_of(ingredient.name);
  const Oracle oracle = oracle_of(workload, {kRepair});
  const std::set<std::string_view> later = {"version",   "slot_window", "nonce",   "merkle",
                                            "signature", "conflict",    "recovery"};
  for (const TimedFrame& frame : workload.frames()) {
    const std::span<const std::byte> payload = oracle.judge(frame.bytes).payload;
    const bool repair = ingredient.needs == HostileNeeds::kRepairPort;
    const ParsedShred parsed = repair ? parse_repair_response(payload).shred : parse_shred(payload);
    RejectReason reason = parsed.reason;
    if (parsed.ok()) reason = check_rules(parsed.header, {}, RuleMode::kStrict);
    if (ingredient.discard.empty() || later.contains(ingredient.discard)) {
      // old_slot is in slot 0, which no rule of headers forbids to a code shred.
      EXPECT_EQ(reason, RejectReason::kNone) << name_of(reason);
    } else {
      EXPECT_EQ(name_of(reason), ingredient.discard);
    }
  }
}

TEST_P(Ingredient, IsTheSameForTheSameSeed) {
  EXPECT_EQ(fingerprint(cases_of(GetParam().name, 5)), fingerprint(cases_of(GetParam().name, 5)));
}

INSTANTIATE_TEST_SUITE_P(All, Ingredient,
                         testing::ValuesIn(hostile_ingredients().begin(), hostile_ingredients().end()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Hostile, NamesAreDistinctAndExplained) {
  std::set<std::string_view> names;
  for (const HostileIngredient& ingredient : hostile_ingredients()) {
    EXPECT_TRUE(names.insert(ingredient.name).second) << ingredient.name;
    EXPECT_FALSE(ingredient.what.empty()) << ingredient.name;
  }
}

// Only whole sets of fragments come out, and as the same payload whatever the order.
TEST(Hostile, FragmentsReachTheCompanionSocket) {
  for (const auto& [name, delivered] : {std::pair{"fragments", 3u},
                                        {"fragments_reversed", 3u},
                                        {"first_fragment_only", 0u},
                                        {"crafted_later_fragment", 0u}}) {
    const Workload workload = cases_of(name, 3);
    Ledger ledger(oracle_of(workload));
    ledger.add(workload);
    EXPECT_EQ(ledger.slow().count(), delivered) << name;
    EXPECT_EQ(ledger.passed().count(), workload.frames().size()) << name;
  }
}

TEST(Hostile, WithoutNamesEveryIngredientThatNeedsNothing) {
  Workload workload = empty_workload();
  ASSERT_TRUE(add_hostile({.seed = 1, .each = 2, .duration = kSecond}, samples(), &workload));
  std::size_t plain = 0;
  for (const HostileIngredient& ingredient : hostile_ingredients()) {
    plain += ingredient.needs == HostileNeeds::kNothing;
  }
  EXPECT_GE(workload.frames().size(), 2 * plain);
  EXPECT_LT(workload.duration(), kSecond);
  for (const TimedFrame& frame : workload.frames())
    EXPECT_LE(frame.bytes.size(), 1'514u);
}

TEST(Hostile, AnUnknownNameGetsTheNearest) {
  Workload workload = empty_workload();
  const Status added = add_hostile({.names = {"bad_ip_cheksum"}}, samples(), &workload);
  ASSERT_FALSE(added);
  EXPECT_NE(added.error().message().find("did you mean 'bad_ip_checksum'"), std::string::npos)
      << added.error().message();
}

TEST(Hostile, RepairCasesNeedARepairPort) {
  Workload workload = empty_workload();
  EXPECT_FALSE(add_hostile({.names = {"repair_long"}}, samples(), &workload));
}

TEST(Hostile, LeadersCasesNeedALeader) {
  Workload workload = empty_workload();
  EXPECT_FALSE(add_hostile({.names = {"equivocation"}}, samples(), &workload));
  UnsignedSource source({.seed = 1});
  EXPECT_FALSE(add_hostile({.names = {"equivocation"}, .leader = &source}, samples(), &workload));
}

}  // namespace
}  // namespace penstock
