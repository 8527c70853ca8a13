// Makes a workload from a profile and a seed: shreds of a source by the arrival model, junk, and noise.
// Same configuration and same source, same bytes and same nanoseconds.
//
// Every parent signs what it retransmits: each copy of a resigned shred carries random bytes in its last 64,
// since no receiver checks them yet; but the golden profile keeps the source's.
//
// Thread safety: none. Memory: about 1.3 KB a shred; fd-limit takes 340 MB a slot.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/base/result.h"
#include "sim/workload/arrival/arrival.h"
#include "sim/workload/profiles.h"
#include "sim/workload/shred_source.h"
#include "sim/workload/workload.h"

namespace penstock {

struct GeneratorConfig {
  Profile profile{};
  std::uint64_t seed = 0;
  std::uint32_t slots = 1;
  LinkAddresses link{};
  std::uint16_t tvu_port = 8000;
};

// Called with the sets made so far and all that there will be.
using GeneratorProgress = std::function<void(std::uint32_t done, std::uint32_t of)>;

struct Generated {
  Workload workload;
  ArrivalCounts arrivals{};
  std::uint64_t junk = 0;
  SampleSets samples{};  // the run's first set of each kind, as far as it has one
};

// `source` must give sets_per_slot sets a slot. Fails when the source does, when a noise flow would hit
// the TVU port, or when the profile asks for nothing (no slots).
Result<Generated> generate(const GeneratorConfig& config, ShredSource& source,
                           const GeneratorProgress& progress = {});

// The same with an UnsignedSource of the same seed: shred-shaped bytes without signatures.
Result<Generated> generate_unsigned(const GeneratorConfig& config, const GeneratorProgress& progress = {});

}  // namespace penstock
