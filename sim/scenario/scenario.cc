// Reading a scenario file.
#include "sim/scenario/scenario.h"

#include "engine/config/toml_reader.h"
#include "sim/workload/profiles.h"

namespace penstock {
namespace {

constexpr std::int64_t kMaxCount = std::int64_t{1} << 40;

WorkloadSpec read_workload(TomlReader table) {
  WorkloadSpec spec;
  spec.profile = table.string("profile");
  if (table.has("profile")) {
    if (const auto profile = find_profile(spec.profile); !profile)
      table.reject("profile", profile.error().message());
  }
  spec.seed = static_cast<std::uint64_t>(table.integer("seed", 0, INT64_MAX, 1));
  spec.slots = static_cast<std::uint32_t>(table.integer("slots", 1, 1'000'000, 1));
  spec.port = static_cast<std::uint16_t>(table.integer("port", 1, 65535, 8003));
  const std::string shreds = table.string("shreds", "signed");
  if (shreds != "signed" && shreds != "unsigned")
    table.reject("shreds", "'shreds' must be \"signed\" or \"unsigned\"");
  spec.shreds = shreds == "unsigned" ? ShredContent::kUnsigned : ShredContent::kSigned;
  return spec;
}

std::vector<Path> read_paths(TomlReader table) {
  std::vector<Path> paths;
  for (const std::string& name : table.strings("run")) {
    if (const Result<Path> path = parse_path(name)) {
      paths.push_back(*path);
    } else {
      table.reject("run", path.error().message());
    }
  }
  if (paths.empty() && table.has("run")) table.reject("run", "'run' names no path");
  return paths;
}

std::optional<std::uint64_t> optional_count(TomlReader& table, const char* key) {
  const std::int64_t count = table.integer(key, 0, kMaxCount, -1);
  return count < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(count));
}

Expect read_expect(TomlReader table) {
  Expect expect;
  expect.same_meaning = table.boolean("same_meaning", expect.same_meaning);
  expect.conservation = table.boolean("conservation", expect.conservation);
  expect.nothing_left = table.boolean("nothing_left", expect.nothing_left);
  expect.engine_loss = static_cast<std::uint64_t>(table.integer("engine_loss", 0, kMaxCount, 0));
  expect.fec_sets = optional_count(table, "fec_sets");
  expect.fec_sets_complete = optional_count(table, "fec_sets_complete");
  return expect;
}

}  // namespace

Result<Scenario> read_scenario(const std::filesystem::path& path) {
  Result<TomlDocument> document = TomlDocument::read(path);
  if (!document) return tl::unexpected(document.error());
  TomlReader root = document->root();
  Scenario scenario;
  scenario.name = root.string("name");
  scenario.description = root.string("description");
  scenario.tags = root.strings("tags", {});
  scenario.workload = read_workload(root.table("workload"));
  scenario.demand.queues = static_cast<std::uint32_t>(root.table("demand").integer("queues", 1, 64, 1));
  scenario.paths = read_paths(root.table("paths"));
  scenario.expect = read_expect(root.table("expect"));
  if (Status s = document->finish(); !s) return tl::unexpected(s.error());
  return scenario;
}

}  // namespace penstock
