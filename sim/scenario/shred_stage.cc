// Reading the shred stage's keys.
#include "sim/scenario/shred_stage.h"

namespace penstock {

ShredStageSpec read_shred_stage(TomlReader& table) {
  // Enumerators in the order of their words.
  constexpr std::string_view kChecks[] = {"full", "cheap"};
  static_assert(static_cast<int>(ShredChecks::kCheap) == 1);
  constexpr std::string_view kRules[] = {"strict", "compat"};
  static_assert(static_cast<int>(RuleMode::kCompat) == 1);
  constexpr std::string_view kLeaders[] = {"workload", "none"};
  static_assert(static_cast<int>(StageLeader::kNone) == 1);
  ShredStageSpec spec;
  const auto checks = static_cast<ShredChecks>(table.choice("shred_checks", kChecks, 0));
  if (table.has("shred_checks")) spec.checks = checks;
  spec.rules = static_cast<RuleMode>(table.choice("shred_rules", kRules, 1));
  spec.leader = static_cast<StageLeader>(table.choice("leader", kLeaders, 0));
  return spec;
}

}  // namespace penstock
