// Generated workloads: determinism, the rules of shred headers, what noise there is.
#include "sim/workload/generator.h"

#include <cstring>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sim/workload/ledger.h"

namespace penstock {
namespace {

constexpr std::size_t kPayload = 42;

GeneratorConfig config_of(std::string_view profile, std::uint64_t seed = 1, std::uint32_t slots = 1) {
  return {.profile = find_profile(profile).value(),
          .seed = seed,
          .slots = slots,
          .link = {.sender_mac = {{2, 0, 0, 0, 0, 1}},
                   .receiver_mac = {{2, 0, 0, 0, 0, 2}},
                   .receiver = {{10, 0, 0, 2}}},
          .tvu_port = 8000};
}

Generated made(const GeneratorConfig& config) {
  Result<Generated> generated = generate_unsigned(config);
  EXPECT_TRUE(generated) << generated.error().message();
  return std::move(*generated);
}

template <typename T>
T field(const TimedFrame& frame, std::size_t at) {
  T value{};
  std::memcpy(&value, &frame.bytes[kPayload + at], sizeof(value));
  return value;
}

// Pinned: a change here changes every workload that anyone has recorded a seed of.
TEST(Generator, SameSeedSameBytesSameNanoseconds) {
  EXPECT_EQ(fingerprint(made(config_of("first-light")).workload),
            "a599b5f2f8d6b97b8ea821b8e2c4d8938a2d3f311bd3f6d2e9cfcaa36780fdbe");
  EXPECT_EQ(fingerprint(made(config_of("mixed")).workload),
            "8734a31e8d202e80841737bfb227b3104f73929e8b5888e170450069017bcbcf");
}

TEST(Generator, AnotherSeedIsAnotherWorkload) {
  EXPECT_NE(fingerprint(made(config_of("first-light", 1)).workload),
            fingerprint(made(config_of("first-light", 2)).workload));
}

TEST(Generator, FirstLightHasEveryShredOfItsSlotsEvenlyPaced) {
  const Generated generated = made(config_of("first-light", 1, 2));
  Nanoseconds at = 0;
  std::map<unsigned, int> variants;
  for (const TimedFrame& frame : generated.workload.frames()) {
    if (frame.kind != FrameKind::kShred) continue;
    EXPECT_EQ(frame.at, at);
    at += kSecond / 4'000;
    ++variants[field<std::uint8_t>(frame, 0x40)];
  }
  EXPECT_EQ(variants, (std::map<unsigned, int>{{0x96, 1536}, {0x66, 1536}, {0xb6, 64}, {0x76, 64}}));
}

// Read by offset, not by the code that wrote them.
TEST(Generator, HeadersFollowTheRulesOfAFixedSet) {
  const Generated generated = made(config_of("first-light", 3, 2));
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::string> signatures;
  std::set<std::uint64_t> slots;
  for (const TimedFrame& frame : generated.workload.frames()) {
    if (frame.kind != FrameKind::kShred) continue;
    const auto variant = field<std::uint8_t>(frame, 0x40);
    const bool data = (variant & 0x80) != 0;
    const bool resigned = variant == 0xb6 || variant == 0x76;
    ASSERT_EQ(frame.bytes.size(), data ? 1245u : 1270u);
    const auto slot = field<std::uint64_t>(frame, 0x41);
    const auto index = field<std::uint32_t>(frame, 0x49);
    const auto set = field<std::uint32_t>(frame, 0x4f);
    slots.insert(slot);
    EXPECT_EQ(field<std::uint16_t>(frame, 0x4d), 6051);
    EXPECT_EQ(set % 32, 0u);
    EXPECT_EQ(resigned, set == 24 * 32);
    ASSERT_GE(index, set);
    ASSERT_LT(index, set + 32);
    if (data) {
      const auto flags = field<std::uint8_t>(frame, 0x55);
      EXPECT_EQ(field<std::uint16_t>(frame, 0x53), 1);
      EXPECT_EQ(flags & 0xc0, index == 25 * 32 - 1 ? 0xc0 : 0);
      EXPECT_EQ(flags & 0x3f, set / 32 * 64 / 25);
      EXPECT_EQ(field<std::uint16_t>(frame, 0x56), resigned ? 987 : 1051);
    } else {
      EXPECT_EQ(field<std::uint16_t>(frame, 0x53), 32);
      EXPECT_EQ(field<std::uint16_t>(frame, 0x55), 32);
      EXPECT_EQ(field<std::uint16_t>(frame, 0x57), index - set);
    }
    const std::string signature(reinterpret_cast<const char*>(&frame.bytes[kPayload]), 64);
    EXPECT_EQ(signatures.try_emplace({slot, set}, signature).first->second, signature);
  }
  EXPECT_EQ(slots, (std::set<std::uint64_t>{1, 2}));
  EXPECT_EQ(signatures.size(), 50u);
}

TEST(Generator, EveryFrameIsDistinct) {
  const Generated generated = made(config_of("mixed", 1, 2));
  std::set<std::string> seen;
  for (const TimedFrame& frame : generated.workload.frames()) {
    EXPECT_TRUE(seen.emplace(reinterpret_cast<const char*>(frame.bytes.data()), frame.bytes.size()).second)
        << name_of(frame.kind);
  }
}

TEST(Generator, MixedHasItsNoiseAtItsRates) {
  const Generated generated = made(config_of("mixed", 1, 25));  // 10 s
  std::map<FrameKind, std::uint64_t> counts;
  for (const TimedFrame& frame : generated.workload.frames())
    ++counts[frame.kind];
  EXPECT_EQ(counts[FrameKind::kGossip], 25'000u);
  // Four of the 25 slots carry 4,000 a second instead of 1,500.
  EXPECT_EQ(counts[FrameKind::kQuic], 21u * 600 + 4u * 1'600);
  EXPECT_EQ(counts[FrameKind::kVote], 5'000u);
  EXPECT_EQ(counts[FrameKind::kRepairResponse], 400u);
  EXPECT_EQ(counts[FrameKind::kRepairPing], 20u);
  EXPECT_EQ(counts[FrameKind::kServeRepair], 2'000u);
  EXPECT_EQ(counts[FrameKind::kTcp], 3'000u);
  EXPECT_EQ(counts[FrameKind::kArp], 10u);
  EXPECT_EQ(counts[FrameKind::kIcmp], 50u);
  EXPECT_EQ(counts[FrameKind::kOtherPort], 200u);
  EXPECT_EQ(counts[FrameKind::kShred], generated.arrivals.delivered + generated.arrivals.duplicates);
  EXPECT_EQ(counts[FrameKind::kJunk], generated.junk);
}

TEST(Generator, OnlyTvuTrafficIsOurs) {
  const Generated generated = made(config_of("mixed", 1, 2));
  const Oracle oracle = oracle_of(generated.workload);
  for (const TimedFrame& frame : generated.workload.frames()) {
    const bool ours = frame.kind == FrameKind::kShred || frame.kind == FrameKind::kJunk;
    EXPECT_EQ(oracle.judge(frame.bytes).fate, ours ? Fate::kFast : Fate::kHost) << name_of(frame.kind);
    EXPECT_GE(frame.bytes.size(), 60u);
    EXPECT_LE(frame.bytes.size(), 1'514u);
  }
}

TEST(Generator, RepairResponsesAreTakenWhereTheirPortIsListed) {
  const Generated generated = made(config_of("mixed", 1, 5));
  const Oracle oracle = oracle_of(generated.workload, {8007});
  int repairs = 0;
  for (const TimedFrame& frame : generated.workload.frames()) {
    if (frame.kind != FrameKind::kRepairResponse) continue;
    ++repairs;
    const Judgement judgement = oracle.judge(frame.bytes);
    EXPECT_EQ(judgement.fate, Fate::kFast);
    EXPECT_TRUE(judgement.payload.size() == 1207 || judgement.payload.size() == 1232);
  }
  EXPECT_EQ(repairs, 80);
}

// A second copy of a resigned shred carries another retransmitter's signature; all others are equal.
TEST(Generator, DuplicatesDifferOnlyInTheRetransmittersSignature) {
  const Generated generated = made(config_of("mainnet-1x", 1, 20));
  std::map<std::pair<std::uint32_t, std::uint8_t>, const TimedFrame*> first;
  int resigned = 0, others = 0;
  for (const TimedFrame& frame : generated.workload.frames()) {
    if (frame.kind == FrameKind::kShred && frame.origin.copy == 0) {
      first[{frame.origin.set, frame.origin.member}] = &frame;
    }
  }
  for (const TimedFrame& frame : generated.workload.frames()) {
    if (frame.kind != FrameKind::kShred || frame.origin.copy == 0) continue;
    const auto a = first.at({frame.origin.set, frame.origin.member})->bytes.subspan(kPayload);
    const auto b = frame.bytes.subspan(kPayload);
    const bool is_resigned = frame.origin.set % 25 == 24;
    EXPECT_TRUE(std::equal(a.begin(), a.end() - 64, b.begin(), b.end() - 64));
    EXPECT_EQ(std::equal(a.end() - 64, a.end(), b.end() - 64), !is_resigned);
    ++(is_resigned ? resigned : others);
  }
  EXPECT_GT(resigned, 10);
  EXPECT_GT(others, 1'000);
}

TEST(Generator, SequenceFramesAreSmallest) {
  GeneratorConfig config = config_of("pktgen-64");
  config.profile.sets_per_slot = 2;
  const Generated generated = made(config);
  const Oracle oracle = oracle_of(generated.workload);
  std::uint64_t sequence = 0;
  for (const TimedFrame& frame : generated.workload.frames()) {
    EXPECT_EQ(frame.bytes.size(), 60u);
    EXPECT_EQ(oracle.judge(frame.bytes).payload.size(), 18u);
    EXPECT_EQ(field<std::uint64_t>(frame, 0), sequence++);
  }
  EXPECT_EQ(sequence, 128u);
}

TEST(Generator, PktgenFramesHaveNoValidIpHeader) {
  GeneratorConfig config = config_of("pktgen-64-pass");
  config.profile.sets_per_slot = 1;
  const Generated generated = made(config);
  const Oracle oracle = oracle_of(generated.workload);
  for (const TimedFrame& frame : generated.workload.frames()) {
    EXPECT_EQ(frame.bytes.size(), 60u);
    EXPECT_EQ(oracle.judge(frame.bytes).fate, Fate::kHost);
  }
}

TEST(Generator, RefusesNoiseOnTheTvuPort) {
  GeneratorConfig config = config_of("mixed");
  config.tvu_port = 8005;
  const Result<Generated> generated = generate_unsigned(config);
  ASSERT_FALSE(generated);
  EXPECT_NE(generated.error().message().find("vote noise: its port 8005 is the TVU port"), std::string::npos)
      << generated.error().message();
}

TEST(Generator, RefusesNoSlots) {
  GeneratorConfig config = config_of("mainnet-1x");
  config.slots = 0;
  EXPECT_FALSE(generate_unsigned(config));
}

TEST(Generator, GoldenProfileNeedsItsSource) {
  EXPECT_FALSE(generate_unsigned(config_of("fd-golden")));
}

class EmptySource final : public ShredSource {
 public:
  Status next_set(FecSet*) override { return fail("read the capture: no more sets"); }
};

TEST(Generator, PassesOnTheErrorOfItsSource) {
  EmptySource source;
  const Result<Generated> generated = generate(config_of("mainnet-1x"), source);
  ASSERT_FALSE(generated);
  EXPECT_EQ(generated.error().what, "generate mainnet-1x: read the capture: no more sets");
}

TEST(Generator, ReportsProgressToTheEnd) {
  std::uint32_t last = 0;
  ASSERT_TRUE(generate_unsigned(config_of("first-light"), [&](std::uint32_t done, std::uint32_t of) {
    EXPECT_EQ(of, 25u);
    EXPECT_EQ(done, ++last);
  }));
  EXPECT_EQ(last, 25u);
}

TEST(Profiles, HaveTheirNumbers) {
  struct Row {
    std::string_view name;
    std::uint64_t pps;
    std::uint32_t shreds_per_slot;
    Nanoseconds slot_period;
    std::uint32_t index_limit;
  };
  for (const Row& row : {
           Row{"fd-golden", 5'089, 512, 100'609'157, 32'768},
           Row{"mainnet-1x", 4'000, 1'600, 400'000'000, 32'768},
           Row{"mainnet-1x-lossy", 4'000, 1'600, 400'000'000, 32'768},
           Row{"mainnet-10x", 40'000, 16'000, 400'000'000, 32'768},
           Row{"mainnet-100x", 400'000, 40'000, 100'000'000, 32'768},
           Row{"proto-max", 163'840, 65'536, 400'000'000, 32'768},
           Row{"sets-100k", 100'000, 40'000, 400'000'000, 32'768},
           Row{"fd-1m-small", 389'500, 155'776, 399'938'382, 131'072},
           Row{"fd-1m-transfer", 443'500, 177'408, 400'018'038, 131'072},
           Row{"fd-limit", 655'360, 262'144, 400'000'000, 131'072},
           Row{"line-10g", 975'419, 65'536, 67'187'536, 32'768},
           Row{"line-25g", 2'438'549, 65'536, 26'874'998, 32'768},
           Row{"line-100g", 9'754'194, 65'536, 6'718'750, 32'768},
           Row{"mixed", 4'000, 1'600, 400'000'000, 32'768},
       }) {
    const Result<Profile> profile = find_profile(row.name);
    ASSERT_TRUE(profile) << row.name;
    EXPECT_EQ(profile->pps, row.pps) << row.name;
    EXPECT_EQ(profile->shreds_per_slot(), row.shreds_per_slot) << row.name;
    EXPECT_EQ(profile->slot_period(), row.slot_period) << row.name;
    EXPECT_EQ(profile->index_limit, row.index_limit) << row.name;
    EXPECT_LE(profile->sets_per_slot * 32, profile->index_limit) << row.name;
  }
}

TEST(Profiles, AnUnknownNameGetsTheNearest) {
  const Result<Profile> profile = find_profile("mainet-10x");
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().what, "there is no profile 'mainet-10x'; did you mean 'mainnet-10x'?");
}

}  // namespace
}  // namespace penstock
