// Reading a scenario file.
#include "sim/scenario/scenario.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/check.h"
#include "engine/config/toml_reader.h"

namespace penstock {
namespace {

constexpr const char* kMatrix = "matrix";
constexpr std::array<std::string_view, 3> kSizes = {"small", "medium", "large"};  // by ScenarioSize

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
  scenario.size = static_cast<ScenarioSize>(root.choice("size", kSizes, 0));
  scenario.workload = read_workload_spec(root.table("workload"));
  scenario.demand = read_demand(root.table("demand"));
  scenario.host = read_host_spec(root.table("host"));
  TomlReader receiver = root.table("receiver");
  scenario.receiver = read_receiver_spec(receiver);
  scenario.shreds = read_shred_stage(receiver);
  scenario.paths = read_paths(root.table("paths"));
  scenario.steps = read_steps(root);
  scenario.measure = read_measure(root.table("measure"), scenario.workload);
  scenario.expect = read_expect(root.table("expect"));
  scenario.expected_failures = read_expected_failures(root);
  if (scenario.host.neighbours && !(scenario.demand.ipv6 && scenario.demand.dynamic_neighbours))
    root.reject("host", "'neighbours' needs ipv6 = true and neighbours = \"dynamic\" in [demand]");
  if (scenario.receiver.sockets > scenario.demand.queues)
    root.reject("receiver", "'sockets' is more than the queues of [demand]");
  return scenario;
}

// Which value of each axis case `number` has: the digits of the number, the last axis being its lowest.
std::vector<std::size_t> choice_of(const std::vector<TomlAxis>& axes, std::size_t number) {
  std::vector<std::size_t> chosen(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    chosen[i] = number % axes[i].values.size();
    number /= axes[i].values.size();
  }
  return chosen;
}

// The last part of the axis's key, or all of it where another axis has the same last part.
std::string short_key(const std::vector<TomlAxis>& axes, const TomlAxis& axis) {
  const auto last_part = [](const std::string& key) { return key.substr(key.rfind('.') + 1); };
  const auto same = std::count_if(axes.begin(), axes.end(), [&](const TomlAxis& other) {
    return last_part(other.key) == last_part(axis.key);
  });
  return same == 1 ? last_part(axis.key) : axis.key;
}

void name_case(const std::vector<TomlAxis>& axes, const std::vector<std::size_t>& chosen,
               Scenario& scenario) {
  for (std::size_t i = 0; i < axes.size(); ++i)
    scenario.choices.push_back(short_key(axes, axes[i]) + "=" + axes[i].values[chosen[i]]);
  scenario.name += fmt::format("[{}]", fmt::join(scenario.choices, ","));
  std::erase_if(scenario.expected_failures, [&](const ExpectedFailure& failure) {
    return !failure.only.empty() && std::find(scenario.choices.begin(), scenario.choices.end(),
                                              failure.only) == scenario.choices.end();
  });
}

// All cases of a document; `name` is its file's.
Result<std::vector<Scenario>> scenarios_of(TomlDocument& document, const std::string& name) {
  const std::vector<TomlAxis> axes = document.axes(kMatrix);
  if (Status s = document.finish(); !s) return tl::unexpected(s.error());
  std::size_t count = 1;
  for (const TomlAxis& axis : axes) {
    count *= axis.values.size();
    if (count > kMostCases)
      return fail(fmt::format("{}: [{}] makes more than {} cases", name, kMatrix, kMostCases));
  }
  std::vector<Scenario> scenarios;
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<std::size_t> chosen = choice_of(axes, i);
    TomlDocument one = document.again();
    one.choose(kMatrix, chosen);
    Scenario scenario = read_root(one.root());
    if (Status s = one.finish(); !s) return tl::unexpected(s.error());
    if (!axes.empty()) name_case(axes, chosen, scenario);
    scenarios.push_back(std::move(scenario));
  }
  return scenarios;
}

}  // namespace

std::string_view to_string(ScenarioSize size) {
  return kSizes[static_cast<std::size_t>(size)];
}

Result<std::vector<Scenario>> read_scenarios(const std::filesystem::path& path) {
  Result<TomlDocument> document = TomlDocument::read(path);
  if (!document) return tl::unexpected(document.error());
  return scenarios_of(*document, path.string());
}

Result<std::vector<Scenario>> parse_scenarios(std::string_view text, const std::string& name) {
  Result<TomlDocument> document = TomlDocument::parse(text, name);
  if (!document) return tl::unexpected(document.error());
  return scenarios_of(*document, name);
}

Result<Scenario> read_scenario(const std::filesystem::path& path) {
  Result<std::vector<Scenario>> scenarios = read_scenarios(path);
  if (!scenarios) return tl::unexpected(scenarios.error());
  if (!scenarios->front().choices.empty())
    return fail(
        fmt::format("{}: a file with a [{}], where one scenario is asked for", path.string(), kMatrix));
  return std::move(scenarios->front());
}

std::vector<std::string> scenario_keys() {
  // One element of each array of tables, so that its keys are asked for.
  Result<TomlDocument> document =
      TomlDocument::parse("[[workload.stream]]\n[[step]]\n[[expected_failure]]\n", "keys");
  PENSTOCK_CHECK(document.has_value());
  read_root(document->root());
  return document->known_keys();
}

}  // namespace penstock
