// What else arrives on a validator's network card: gossip, QUIC, votes, repair, TCP, ARP, ICMP. As data:
// a table of flows, each with a rate and sizes. Every noise packet must reach the host's stack.
//
// Frames are distinct: UDP and TCP carry random bytes, ICMP a running sequence number, ARP a sequence
// number in its padding. Sources are in 198.19.0.0/16, one third byte a kind, apart from the parents of
// shreds in 198.18.0.0/16. All frames are at least 60 bytes, as a card delivers them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/workload/shred_source.h"
#include "sim/workload/workload.h"

namespace penstock {

struct SizeRange {
  std::uint16_t low = 0;  // payload bytes of UDP, TCP or ICMP, both ends included
  std::uint16_t high = 0;
};

struct NoiseFlow {
  FrameKind kind = FrameKind::kOtherPort;
  std::uint32_t pps = 0;
  SizeRange size{};                      // kRepairResponse ignores it: a shred and its nonce
  std::array<std::uint16_t, 2> ports{};  // destination; one of the two at random
  std::uint16_t source_port = 0;         // 0: random, 32768..60999
  std::uint32_t other_size_ppm = 0;      // how often the payload is of other_size instead
  SizeRange other_size{};
  std::uint32_t burst_pps = 0;  // rate in the first slot of each eight; 0: none
};

// The noise of the profile `mixed`, at Agave's usual ports with gossip on 8001.
std::span<const NoiseFlow> mixed_noise();
// The noise of `first_light`: few kinds, enough of each in half a second.
std::span<const NoiseFlow> first_light_noise();

struct NoiseConfig {
  std::uint64_t seed = 0;
  std::span<const NoiseFlow> flows{};
  std::uint32_t slots = 1;
  Nanoseconds slot_period = 400 * kMillisecond;
};

// Adds the frames of every flow over slots x slot_period. Repair responses carry members of `sample`.
// Fails when a flow's port is the workload's TVU port: that would not be noise.
Status add_noise(const NoiseConfig& config, const FecSet& sample, Workload* workload);

}  // namespace penstock
