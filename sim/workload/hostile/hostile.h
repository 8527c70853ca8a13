// Hostile and odd traffic, each case a named ingredient: what a receiver must survive, pass to the kernel,
// or take and then discard under the right cause. The cases are those of Firedancer's and Agave's receive
// checks and of SIMD-0504; docs/workloads.md lists them by name.
//
// Two levels: kFrame cases are judged by the classifier and the kernel; kShred cases are good datagrams whose
// shred is wrong, for the shred tile. Each kShred ingredient breaks exactly one rule of a member of the
// sample sets. With an unsigned source every shred fails the signature anyway, so causes behind it (merkle,
// duplicate) need signed samples. Equivocation and inconsistent parity need the leader's key, so they are
// made by the source that has it (spoiled_sets.h).
//
// Thread safety: pure functions over their arguments; same seed, same frames.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "sim/workload/oracle.h"
#include "sim/workload/shred_source.h"
#include "sim/workload/workload.h"

namespace penstock {

enum class HostileLevel { kFrame, kShred };

// What an ingredient needs beside the TVU port; those that need something are only added by name.
enum class HostileNeeds {
  kNothing,
  kJumboFrames,  // an MTU of 2,000 bytes
  kRepairPort,   // HostileConfig::repair_port, listed by the receiver
  kLeader,       // HostileConfig::leader, with a key
};

class HostileMaker;

struct HostileIngredient {
  std::string_view name{};
  std::string_view what{};
  HostileLevel level = HostileLevel::kFrame;
  Fate fate = Fate::kHost;        // of each of its frames, by the oracle
  std::string_view discard = {};  // cause under which the shred tile discards it; empty: none of its own
  HostileNeeds needs = HostileNeeds::kNothing;
  // Adds one case: one frame, the fragments of one datagram, or the shreds of one FEC set.
  void (*make)(HostileMaker&) = nullptr;
};

std::span<const HostileIngredient> hostile_ingredients();

struct HostileConfig {
  std::uint64_t seed = 0;
  std::vector<std::string> names{};  // empty: every ingredient that needs nothing
  std::uint32_t each = 1;            // cases of each ingredient
  Nanoseconds duration = 0;          // spread evenly, in turns, over [0, duration)
  std::uint16_t repair_port = 0;
  ShredSource* leader = nullptr;  // the samples' source; borrowed
};

// Adds the cases and sorts the workload by time; `samples` must be of a slot above 0. Fails on an unknown
// name, with the nearest one, on a repair case without a repair port, and on a leader's case without its key.
Status add_hostile(const HostileConfig& config, const SampleSets& samples, Workload* workload);

}  // namespace penstock
