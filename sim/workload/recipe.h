// A whole workload from one description: profile, seed, where the shreds come from, hostile ingredients and
// impairments. What scenario files and the runner's command line say, in one place.
//
// Order of work: shreds by the arrival model and noise, then hostile cases among them, then impairments over
// everything in their scope; hostile frames are left alone by impairments unless these are for everything.
// Same recipe, same bytes and same nanoseconds.
//
// Thread safety: pure functions over their arguments (and the files that a recipe names).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/shred/signature.h"
#include "sim/workload/generator.h"
#include "sim/workload/impairments.h"
#include "sim/workload/workload.h"

namespace penstock {

// The golden capture's shred version, and every generated workload's.
inline constexpr std::uint16_t kWorkloadShredVersion = 6'051;

enum class ShredContent {
  kUnsigned,  // shred-shaped bytes: for everything that checks no signatures; fast to make
  kSigned,    // real shreds of a leader made from the seed
};

// Firedancer's demo batch and key: what the profile fd-golden sends.
struct GoldenFiles {
  std::filesystem::path entries;  // demo-shreds.bin
  std::filesystem::path keys;     // demo-shreds.key: seed and public key, 64 bytes
};

struct WorkloadRecipe {
  std::string profile{};
  std::uint64_t seed = 1;
  std::uint32_t slots = 1;
  LinkAddresses link{};
  std::uint16_t tvu_port = 8000;
  std::uint16_t repair_port = 0;  // for the repair cases of hostile traffic
  ShredContent content = ShredContent::kUnsigned;
  std::optional<GoldenFiles> golden{};
  std::vector<std::string> hostile{};  // names of ingredients
  std::uint32_t hostile_each = 1;      // cases of each
  std::optional<Impairments> impairments{};
};

struct PreparedWorkload {
  Workload workload;
  ArrivalCounts arrivals{};
  std::uint64_t junk = 0;
  ImpairmentCounts impaired{};
  std::uint16_t shred_version = 0;
  std::optional<PublicKey> leader{};  // none: nobody signed
};

Result<PreparedWorkload> prepare_workload(const WorkloadRecipe& recipe,
                                          const GeneratorProgress& progress = {});

}  // namespace penstock
