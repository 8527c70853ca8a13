// The table [shreds] of the file of `penstock run`: the shred stage behind the ports' links. What each key
// means stands in the default file (default_run_config.cc).
//
// Thread safety: values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/config/toml_reader.h"
#include "engine/shred/rules.h"
#include "engine/shred/signature.h"

namespace penstock {

enum class ShredStageKind : std::uint8_t { kOff, kCheap, kFull };

std::string_view to_string(ShredStageKind stage);  // "off", "cheap", "full"

struct ShredsSpec {
  ShredStageKind stage = ShredStageKind::kOff;
  RuleMode rules = RuleMode::kCompat;
  std::uint16_t version = 0;                   // of the cluster; 0: any
  std::optional<PublicKey> leader{};           // of every slot
  std::filesystem::path leader_file{};         // leader_file.h; empty: none. Not together with `leader`
  std::vector<std::uint16_t> repair_ports{};   // those of the listed ports whose payloads carry a nonce
  std::uint32_t index_limit = kMaxShredIndex;  // shreds of a kind in a slot
  bool digest = false;                         // of the content of finished sets; needs kFull

  bool operator==(const ShredsSpec&) const = default;
};

// `ports`: those that the engine lists. Mistakes are noted in the document.
ShredsSpec read_shreds_spec(TomlReader table, std::span<const std::uint16_t> ports);

}  // namespace penstock
