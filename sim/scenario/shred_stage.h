// The shred stage behind a path's consumer, as a run configures it: the keys of [receiver] that are about
// shreds, and what the workload says of itself.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/config/toml_reader.h"
#include "engine/shred/fec_resolver.h"

namespace penstock {

enum class StageLeader : std::uint8_t {
  kWorkload,  // the key that signed the workload
  kNone,      // no schedule: sets are believed as long as they are consistent
};

struct ShredStageSpec {
  std::optional<ShredChecks> checks{};  // none: full where the workload is signed, cheap where it is not
  RuleMode rules = RuleMode::kCompat;
  StageLeader leader = StageLeader::kWorkload;
};

// Reads its keys of the table [receiver]. Mistakes are noted in the document.
ShredStageSpec read_shred_stage(TomlReader& table);

struct ShredStageConfig {
  ShredChecks checks = ShredChecks::kFull;
  RuleMode rules = RuleMode::kCompat;
  std::uint32_t max_index = kMaxShredIndex;
  std::optional<std::uint16_t> version{};  // none: any
  std::optional<PublicKey> leader{};       // of all slots; none: nobody's signature is checked
  std::uint16_t repair_port = 0;           // whose payloads have a nonce; 0: none
  // Frames of a workload whose datagrams are numbered (sim/workload/sequence.h): the numbers are tallied and
  // no payload is digested, which is what rates above some 100,000 a second need.
  std::optional<std::uint64_t> numbered{};
};

}  // namespace penstock
