// The table of profiles.
#include "sim/workload/profiles.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/base/nearest_name.h"

namespace penstock {
namespace {

constexpr std::uint32_t kBenchIndexLimit = 131'072;

// Loss, duplicates and junk of an ordinary day on mainnet.
Profile mainnet(std::string_view name, std::string_view description, std::uint64_t pps,
                std::uint32_t sets_per_slot) {
  return {.name = name,
          .description = description,
          .pps = pps,
          .sets_per_slot = sets_per_slot,
          .order = ArrivalOrder::kModel,
          .duplicate_ppm = 50'000,
          .loss_ppm = 10'000,
          .loss_bursts = true,
          .junk_ppm = 200};
}

// A leader's output as it leaves: nothing lost, nothing twice, so that a missing shred is the receiver's.
Profile clean(std::string_view name, std::string_view description, std::uint64_t pps,
              std::uint32_t sets_per_slot, ArrivalOrder order) {
  return {
      .name = name, .description = description, .pps = pps, .sets_per_slot = sets_per_slot, .order = order};
}

Profile firedancer(std::string_view name, std::string_view description, std::uint64_t pps,
                   std::uint32_t sets_per_slot) {
  Profile profile = clean(name, description, pps, sets_per_slot, ArrivalOrder::kSetBursts);
  profile.index_limit = kBenchIndexLimit;
  return profile;
}

Profile with_noise(Profile profile, std::span<const NoiseFlow> noise) {
  profile.noise = noise;
  return profile;
}

Profile lossy(Profile profile) {
  profile.loss_ppm = 91'000;
  return profile;
}

Profile with_content(Profile profile, Content content) {
  profile.content = content;
  return profile;
}

Profile golden() {
  Profile profile = with_content(
      clean("fd-golden", "Firedancer's golden capture, one pass a slot", 5'089, 8, ArrivalOrder::kEven),
      Content::kGoldenShreds);
  profile.parents = 1;
  return profile;
}

std::vector<Profile> make_profiles() {
  constexpr ArrivalOrder kEven = ArrivalOrder::kEven;
  constexpr std::uint64_t kTenGigabit64 = 14'880'952;  // 64-byte frames at 10 GbE
  return {
      with_noise(
          clean("first-light", "evenly paced mainnet rate among a little of everything", 4'000, 25, kEven),
          first_light_noise()),
      golden(),
      mainnet("mainnet-1x", "mainnet: 4,000 shreds a second", 4'000, 25),
      lossy(mainnet("mainnet-1x-lossy", "mainnet with the loss of the testnet capture", 4'000, 25)),
      mainnet("mainnet-10x", "ten times mainnet", 40'000, 250),
      mainnet("mainnet-100x", "a hundred times mainnet, in slots of 100 ms", 400'000, 625),
      mainnet("proto-max", "the most that the protocol allows in a slot of 400 ms", 163'840, 1'024),
      clean("sets-100k", "a hundred thousand shreds a second, a FEC set at a time", 100'000, 625,
            ArrivalOrder::kSetBursts),
      firedancer("fd-1m-small", "1M TPS of 186-byte transactions", 389'500, 2'434),
      firedancer("fd-1m-transfer", "1M TPS of 212-byte transfers", 443'500, 2'772),
      firedancer("fd-limit", "Firedancer's raised bench limit", 655'360, 4'096),
      clean("line-10g", "10 GbE full of shreds", 975'419, 1'024, kEven),
      clean("line-25g", "25 GbE full of shreds", 2'438'549, 1'024, kEven),
      clean("line-100g", "100 GbE full of shreds", 9'754'194, 1'024, kEven),
      with_content(clean("pktgen-64", "smallest frames to the TVU port: taken, then discarded on length",
                         kTenGigabit64, 1'024, kEven),
                   Content::kSequence),
      with_content(clean("pktgen-64-pass", "Firedancer's pktgen frames: no valid IP header, all pass",
                         kTenGigabit64, 1'024, kEven),
                   Content::kPktgen),
      with_noise(mainnet("mixed", "mainnet among gossip, QUIC, votes, repair, TCP", 4'000, 25),
                 mixed_noise()),
  };
}

const std::vector<Profile>& table() {
  static const std::vector<Profile> kProfiles = make_profiles();
  return kProfiles;
}

}  // namespace

Nanoseconds Profile::slot_period() const {
  return static_cast<Nanoseconds>(std::uint64_t{shreds_per_slot()} * kSecond / pps);
}

std::span<const Profile> profiles() {
  return table();
}

Result<Profile> find_profile(std::string_view name) {
  std::vector<std::string> names;
  for (const Profile& profile : table()) {
    if (profile.name == name) return profile;
    names.emplace_back(profile.name);
  }
  return fail(fmt::format("there is no profile '{}'; {}", name, suggest_name(name, names)));
}

}  // namespace penstock
