// The profiles against their documented numbers, and each one's workload against a checked-in fingerprint:
// what a name means must not move unnoticed.
#include "sim/workload/profiles.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/workload/generator.h"

namespace penstock {
namespace {

// A row of the table that defines them (docs/workloads.md has the same in short).
struct Documented {
  const char* name;
  std::uint64_t pps;
  std::uint32_t sets_per_slot;
  std::uint32_t shreds_per_slot;
  Nanoseconds slot_period;
  std::uint32_t index_limit;
  std::uint32_t sources;
  std::uint32_t duplicate_ppm;
  std::uint32_t loss_ppm;  // the independent part
  bool loss_bursts;
  ArrivalOrder order;
};

constexpr ArrivalOrder kModel = ArrivalOrder::kModel;
constexpr ArrivalOrder kBursts = ArrivalOrder::kSetBursts;
constexpr ArrivalOrder kEven = ArrivalOrder::kEven;

const std::vector<Documented> kDocumented = {
    {"fd-golden", 5'089, 8, 512, 100'609'157, 32'768, 1, 0, 0, false, kEven},
    {"mainnet-1x", 4'000, 25, 1'600, 400'000'000, 32'768, 750, 50'000, 10'000, true, kModel},
    {"mainnet-1x-lossy", 4'000, 25, 1'600, 400'000'000, 32'768, 750, 50'000, 91'000, true, kModel},
    {"mainnet-10x", 40'000, 250, 16'000, 400'000'000, 32'768, 750, 50'000, 10'000, true, kModel},
    {"mainnet-100x", 400'000, 625, 40'000, 100'000'000, 32'768, 750, 50'000, 10'000, true, kModel},
    {"proto-max", 163'840, 1'024, 65'536, 400'000'000, 32'768, 750, 50'000, 10'000, true, kModel},
    {"fd-1m-small", 389'500, 2'434, 155'776, 399'938'382, 131'072, 750, 0, 0, false, kBursts},
    {"fd-1m-transfer", 443'500, 2'772, 177'408, 400'018'038, 131'072, 750, 0, 0, false, kBursts},
    {"fd-limit", 655'360, 4'096, 262'144, 400'000'000, 131'072, 750, 0, 0, false, kBursts},
    {"line-10g", 975'419, 1'024, 65'536, 67'187'536, 32'768, 750, 0, 0, false, kEven},
    {"line-25g", 2'438'549, 1'024, 65'536, 26'875'000, 32'768, 750, 0, 0, false, kEven},
    {"line-100g", 9'754'194, 1'024, 65'536, 6'718'750, 32'768, 750, 0, 0, false, kEven},
    {"mixed", 4'000, 25, 1'600, 400'000'000, 32'768, 750, 50'000, 10'000, true, kModel},
};

TEST(Profiles, HaveTheDocumentedNumbers) {
  for (const Documented& row : kDocumented) {
    SCOPED_TRACE(row.name);
    const Result<Profile> profile = find_profile(row.name);
    ASSERT_TRUE(profile) << profile.error().message();
    EXPECT_EQ(profile->pps, row.pps);
    EXPECT_EQ(profile->sets_per_slot, row.sets_per_slot);
    EXPECT_EQ(profile->shreds_per_slot(), row.shreds_per_slot);
    EXPECT_NEAR(static_cast<double>(profile->slot_period()), static_cast<double>(row.slot_period), 1'000);
    EXPECT_EQ(profile->index_limit, row.index_limit);
    EXPECT_EQ(profile->parents, row.sources);
    EXPECT_EQ(profile->duplicate_ppm, row.duplicate_ppm);
    EXPECT_EQ(profile->loss_ppm, row.loss_ppm);
    EXPECT_EQ(profile->loss_bursts, row.loss_bursts);
    EXPECT_EQ(profile->order, row.order);
    EXPECT_EQ(profile->junk_ppm, row.order == kModel ? 200u : 0u);
    EXPECT_EQ(profile->noise.empty(), profile->name != "mixed");
    EXPECT_GE(profile->index_limit, row.shreds_per_slot / 2) << "a slot must fit, per kind";
  }
}

TEST(Profiles, OfSmallestFramesAreAtTheRateOfTenGigabit) {
  for (const auto& [name, content] : std::map<std::string, Content>{{"pktgen-64", Content::kSequence},
                                                                    {"pktgen-64-pass", Content::kPktgen}}) {
    const Result<Profile> profile = find_profile(name);
    ASSERT_TRUE(profile);
    EXPECT_EQ(profile->content, content);
    EXPECT_EQ(profile->pps, 14'880'952u);
    EXPECT_EQ(profile->parents, 750u);
  }
}

TEST(Profiles, AreAllDocumented) {
  std::vector<std::string> undocumented = {"first-light", "sets-100k", "pktgen-64", "pktgen-64-pass"};
  for (const Profile& profile : profiles()) {
    const bool listed = std::any_of(kDocumented.begin(), kDocumented.end(),
                                    [&](const Documented& row) { return profile.name == row.name; });
    if (!listed) {
      EXPECT_EQ(std::count(undocumented.begin(), undocumented.end(), profile.name), 1) << profile.name;
    }
  }
}

std::string fingerprint_of(const char* name) {
  const auto generated = generate_unsigned({.profile = find_profile(name).value(),
                                            .seed = 1,
                                            .link = {.sender_mac = {{2, 0, 0, 0, 0, 1}},
                                                     .receiver_mac = {{2, 0, 0, 0, 0, 2}},
                                                     .receiver = {{10, 0, 0, 2}}},
                                            .tvu_port = 8000});
  return generated ? fingerprint(generated->workload) : generated.error().message();
}

// One slot of unsigned shreds, seed 1. Without those that differ from one here by their rate alone.
const std::map<std::string, std::string> kFingerprints = {
    {"first-light", "a599b5f2f8d6b97b8ea821b8e2c4d8938a2d3f311bd3f6d2e9cfcaa36780fdbe"},
    {"mainnet-1x", "099ae49a43f4c51604fe08632f5988b3b160ddcddd6af8c4464fa8c0fb712ea5"},
    {"mainnet-1x-lossy", "f032856af03df7f2df35f157aaa622669b3489d62ba4dca56d37f60ec83295e0"},
    {"mainnet-10x", "16d1e436d14eae1e7c1af6288c9824bd3c2c8f003c6dfff6805c52c6820aa403"},
    {"mainnet-100x", "46d97c7109a04f8a26a98dd198ee587ebbf023484b12c30e3988dd91f56730cd"},
    {"proto-max", "9b4f89dc891831fca1b06a3586bc618fd6bcdb88ac664da6ffa7ca7dda567115"},
    {"line-10g", "d314f2fd4e589d637af1db7dea45a064bda4a27d7faa6f84a11a690f5cc9e8e3"},
    {"pktgen-64", "8c799832d25034c857cd0d0320bc1c30709118a4df1914b38b68bbe55e9a08d4"},
    {"pktgen-64-pass", "a080c268f03bc0c33065358a4439f131e3ccf55435258655db04b2a4f8a387d8"},
    {"mixed", "8734a31e8d202e80841737bfb227b3104f73929e8b5888e170450069017bcbcf"},
    {"fd-1m-transfer", "9bfa8009a3dbb2cc9385bbada6dc517f53e9c5b1fd444c4e716929e9cd837d44"},
};

TEST(Profiles, GiveTheSameBytesAndTimesOnAnyMachine) {
  for (const auto& [name, wanted] : kFingerprints)
    EXPECT_EQ(fingerprint_of(name.c_str()), wanted) << name;
}

}  // namespace
}  // namespace penstock
