// Reading a scenario file.
#include "sim/scenario/scenario.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/config/toml_reader.h"

namespace penstock {
namespace {

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

Scenario read_root(TomlReader root) {
  Scenario scenario;
  scenario.name = root.string("name");
  scenario.description = root.string("description");
  scenario.tags = root.strings("tags", {});
  scenario.workload = read_workload_spec(root.table("workload"));
  scenario.demand = read_demand(root.table("demand"));
  scenario.host = read_host_spec(root.table("host"));
  TomlReader receiver = root.table("receiver");
  scenario.receiver = read_receiver_spec(receiver);
  scenario.shreds = read_shred_stage(receiver);
  scenario.paths = read_paths(root.table("paths"));
  scenario.steps = read_steps(root);
  scenario.expect = read_expect(root.table("expect"));
  if (scenario.host.neighbours && !(scenario.demand.ipv6 && scenario.demand.dynamic_neighbours))
    root.reject("host", "'neighbours' needs ipv6 = true and neighbours = \"dynamic\" in [demand]");
  if (scenario.receiver.sockets > scenario.demand.queues)
    root.reject("receiver", "'sockets' is more than the queues of [demand]");
  return scenario;
}

}  // namespace

Result<Scenario> read_scenario(const std::filesystem::path& path) {
  Result<TomlDocument> document = TomlDocument::read(path);
  if (!document) return tl::unexpected(document.error());
  Scenario scenario = read_root(document->root());
  if (Status s = document->finish(); !s) return tl::unexpected(s.error());
  return scenario;
}

std::vector<std::string> scenario_keys() {
  // One element of each array of tables, so that its keys are asked for.
  Result<TomlDocument> document = TomlDocument::parse("[[workload.stream]]\n[[step]]\n", "keys");
  PENSTOCK_CHECK(document.has_value());
  read_root(document->root());
  std::vector<std::string> keys = document->known_keys();
  const auto is_table = [all = keys](const std::string& key) {
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& other) { return other.starts_with(key + "."); });
  };
  keys.erase(std::remove_if(keys.begin(), keys.end(), is_table), keys.end());
  return keys;
}

}  // namespace penstock
