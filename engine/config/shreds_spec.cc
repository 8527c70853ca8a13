// Reading [shreds].
#include "engine/config/shreds_spec.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "engine/shred/base58.h"

namespace penstock {
namespace {

// Enumerators in the order of their words.
constexpr std::string_view kStages[] = {"off", "cheap", "full"};
static_assert(static_cast<int>(ShredStageKind::kFull) == 2);
constexpr std::string_view kRules[] = {"strict", "compat"};
static_assert(static_cast<int>(RuleMode::kCompat) == 1);

// Below 32 no FEC set fits; above, the index would leave its field's useful range.
constexpr std::int64_t kLeastLimit = 32;
constexpr std::int64_t kMostLimit = 1'048'576;

}  // namespace

std::string_view to_string(ShredStageKind stage) {
  return kStages[static_cast<std::size_t>(stage)];
}

ShredsSpec read_shreds_spec(TomlReader table, std::span<const std::uint16_t> ports) {
  ShredsSpec spec;
  spec.stage =
      static_cast<ShredStageKind>(table.choice("stage", kStages, static_cast<std::size_t>(spec.stage)));
  spec.rules = static_cast<RuleMode>(table.choice("rules", kRules, static_cast<std::size_t>(spec.rules)));
  spec.version = static_cast<std::uint16_t>(table.integer("version", 0, 65535, spec.version));
  spec.index_limit =
      static_cast<std::uint32_t>(table.integer("index_limit", kLeastLimit, kMostLimit, spec.index_limit));
  if (const std::string key = table.string("leader", ""); !key.empty()) {
    if (const auto leader = key_from_base58(key); leader) {
      spec.leader = *leader;
    } else {
      table.reject("leader", "'leader': " + leader.error().message());
    }
  }
  spec.leader_file = table.string("leader_file", "");
  if (spec.leader && !spec.leader_file.empty())
    table.reject("leader_file", "'leader_file' and 'leader' exclude each other");
  for (const std::int64_t each : table.integers("repair_ports", 1, 65535, {})) {
    const auto port = static_cast<std::uint16_t>(each);
    if (std::find(ports.begin(), ports.end(), port) == ports.end())
      table.reject("repair_ports", fmt::format("'repair_ports' lists {}, which 'ports' does not", port));
    spec.repair_ports.push_back(port);
  }
  spec.digest = table.boolean("digest", spec.digest);
  if (spec.digest && spec.stage != ShredStageKind::kFull)
    table.reject("digest", "'digest' is of FEC sets: it needs stage = \"full\"");
  return spec;
}

}  // namespace penstock
