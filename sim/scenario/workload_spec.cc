// Reading [workload].
#include "sim/scenario/workload_spec.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "engine/base/nearest_name.h"
#include "sim/workload/hostile/hostile.h"
#include "sim/workload/profiles.h"

namespace penstock {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kLongestMs = 600'000;

std::uint16_t read_port(TomlReader& table, const char* key, std::int64_t least, std::int64_t fallback) {
  return static_cast<std::uint16_t>(table.integer(key, least, 65535, fallback));
}

// Groups of ingredients: those that need nothing but what the workload has.
struct Group {
  std::string_view name;
  std::optional<HostileLevel> level;  // none: both
};
constexpr std::array<Group, 3> kGroups = {
    {{"all", std::nullopt}, {"all_frames", HostileLevel::kFrame}, {"all_shreds", HostileLevel::kShred}}};

bool belongs(const HostileIngredient& ingredient, const Group& group, bool has_repair_port) {
  if (group.level && ingredient.level != *group.level) return false;
  return ingredient.needs == HostileNeeds::kNothing ||
         (ingredient.needs == HostileNeeds::kRepairPort && has_repair_port);
}

std::vector<std::string> read_hostile(TomlReader& table, bool has_repair_port) {
  std::vector<std::string> chosen;
  std::vector<std::string> valid;
  valid.reserve(kGroups.size() + hostile_ingredients().size());
  for (const Group& group : kGroups)
    valid.emplace_back(group.name);
  for (const HostileIngredient& ingredient : hostile_ingredients())
    valid.emplace_back(ingredient.name);
  for (const std::string& word : table.strings("hostile", {})) {
    const auto group =
        std::find_if(kGroups.begin(), kGroups.end(), [&](const Group& g) { return g.name == word; });
    if (group != kGroups.end()) {
      for (const HostileIngredient& ingredient : hostile_ingredients()) {
        if (belongs(ingredient, *group, has_repair_port)) chosen.emplace_back(ingredient.name);
      }
    } else if (std::find(valid.begin(), valid.end(), word) != valid.end()) {
      chosen.push_back(word);
    } else {
      table.reject("hostile",
                   fmt::format("there is no hostile ingredient '{}'; {}", word, suggest_name(word, valid)));
    }
  }
  return chosen;
}

DelayRange read_range(TomlReader& table, const char* key, const DelayRange& fallback) {
  const std::vector<std::int64_t> ends =
      table.integers(key, 0, 60 * kMillion, {fallback.low / kMicrosecond, fallback.high / kMicrosecond});
  if (ends.size() == 2 && ends[0] <= ends[1]) return {ends[0] * kMicrosecond, ends[1] * kMicrosecond};
  table.reject(key, fmt::format("'{}' must be two times in microseconds, the shorter one first", key));
  return fallback;
}

Impairments read_impair(TomlReader table) {
  constexpr std::string_view kCorruptions[] = {"wire", "payload"};
  Impairments impair;
  const std::pair<const char*, std::uint32_t*> rates[] = {
      {"loss_ppm", &impair.loss_ppm},           {"burst_begin_ppm", &impair.burst.begin_ppm},
      {"burst_end_ppm", &impair.burst.end_ppm}, {"burst_loss_ppm", &impair.burst.loss_ppm},
      {"corrupt_ppm", &impair.corrupt_ppm},     {"truncate_ppm", &impair.truncate_ppm},
      {"duplicate_ppm", &impair.duplicate_ppm}, {"reorder_ppm", &impair.reorder_ppm}};
  for (const auto& [key, rate] : rates)
    *rate = static_cast<std::uint32_t>(table.integer(key, 0, kMillion, 0));
  impair.everything = table.boolean("everything", false);
  impair.corruption =
      table.choice("corruption", kCorruptions, 1) == 0 ? Corruption::kWire : Corruption::kPayload;
  impair.duplicate_after = read_range(table, "duplicate_after_us", impair.duplicate_after);
  impair.reorder_by = read_range(table, "reorder_by_us", impair.reorder_by);
  impair.delay = read_range(table, "delay_us", impair.delay);
  return impair;
}

StreamSpec read_stream(TomlReader& table) {
  StreamSpec stream;
  stream.port = static_cast<std::uint16_t>(table.integer("port", 1, 65535));
  stream.pps = static_cast<std::uint64_t>(table.integer("pps", 1, kMillion, 1'000));
  stream.bytes = static_cast<std::size_t>(table.integer("bytes", 8, 1'472, 64));
  stream.from = table.integer("from_ms", 0, kLongestMs, 0) * kMillisecond;
  stream.until = table.integer("until_ms", 1, kLongestMs) * kMillisecond;
  if (stream.until <= stream.from) table.reject("until_ms", "'until_ms' must be later than 'from_ms'");
  return stream;
}

}  // namespace

std::vector<std::uint16_t> WorkloadSpec::listed_ports() const {
  std::vector<std::uint16_t> ports = {port};
  if (repair_port != 0) ports.push_back(repair_port);
  ports.insert(ports.end(), more_ports.begin(), more_ports.end());
  return ports;
}

WorkloadSpec read_workload_spec(TomlReader table) {
  constexpr std::string_view kJudges[] = {"digest", "sequence"};
  constexpr std::string_view kShreds[] = {"signed", "unsigned"};
  WorkloadSpec spec;
  spec.profile = table.string("profile");
  if (table.has("profile")) {
    if (const auto profile = find_profile(spec.profile); !profile)
      table.reject("profile", profile.error().message());
  }
  spec.seed = static_cast<std::uint64_t>(table.integer("seed", 0, INT64_MAX, 1));
  spec.slots = static_cast<std::uint32_t>(table.integer("slots", 1, kMillion, 1));
  spec.port = read_port(table, "port", 1, spec.port);
  spec.repair_port = read_port(table, "repair_port", 0, 0);
  for (const std::int64_t port : table.integers("more_ports", 1, 65535, {}))
    spec.more_ports.push_back(static_cast<std::uint16_t>(port));
  spec.shreds = table.choice("shreds", kShreds, 0) == 0 ? ShredContent::kSigned : ShredContent::kUnsigned;
  spec.pps = static_cast<std::uint64_t>(table.integer("pps", 0, 100 * kMillion, 0));
  spec.sender = static_cast<SenderKind>(table.choice("sender", kSenderNames, 0));
  spec.judge = static_cast<JudgedBy>(table.choice("judge", kJudges, 0));
  if (spec.judge == JudgedBy::kSequence && spec.shreds == ShredContent::kSigned)
    table.reject("judge",
                 "'judge' can be \"sequence\" only with unsigned shreds: signed ones carry no numbers");
  spec.hostile = read_hostile(table, spec.repair_port != 0);
  spec.hostile_each = static_cast<std::uint32_t>(table.integer("hostile_each", 1, kMillion, 1));
  TomlReader impair = table.table("impair");
  Impairments impairments = read_impair(impair);
  if (table.has("impair")) spec.impair = impairments;
  for (TomlReader& stream : table.tables("stream"))
    spec.streams.push_back(read_stream(stream));
  return spec;
}

}  // namespace penstock
