// Named profiles: one documented set of numbers each, so that "mainnet-10x" means the same everywhere.
//
// 1x mainnet is defined as 4,000 distinct shreds a second: 25 sets a slot of 400 ms, 24 of them chained
// (0x96/0x66) and the last resigned (0xB6/0x76). Where the numbers come from: docs/workloads.md.
// `pps` counts distinct shreds before loss, duplicates and junk; slot period = shreds per slot / pps.
// The fd-* profiles carry the rates of Firedancer's benches, a leader's output as a follower sees it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/workload/arrival/arrival.h"
#include "sim/workload/noise.h"

namespace penstock {

// What the frames to the TVU port carry.
enum class Content {
  kShreds,
  kGoldenShreds,  // Firedancer's golden capture, slot after slot
  kSequence,      // 60-byte frames: u64 sequence (little-endian) and 10 zero bytes
  kPktgen,        // 60-byte frames as Firedancer's pktgen sends them: no valid IP header
};

struct Profile {
  std::string_view name;
  std::string_view description;
  Content content = Content::kShreds;
  std::uint64_t pps = 4'000;
  std::uint32_t sets_per_slot = 25;
  std::uint32_t index_limit = 32'768;  // per kind; the receiver's must be at least this
  std::uint32_t parents = 750;
  ArrivalOrder order = ArrivalOrder::kModel;
  std::uint32_t duplicate_ppm = 0;
  std::uint32_t loss_ppm = 0;  // independent
  bool loss_bursts = false;    // 0.30 % on top
  std::uint32_t junk_ppm = 0;
  std::span<const NoiseFlow> noise{};

  std::uint32_t shreds_per_slot() const { return sets_per_slot * 64; }
  Nanoseconds slot_period() const;
};

std::span<const Profile> profiles();

// Fails with the nearest name when there is none of that name.
Result<Profile> find_profile(std::string_view name);

}  // namespace penstock
