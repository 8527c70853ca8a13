// Both files as flat tables over the default file's.
#include "engine/config/config_changes.h"

#include <map>
#include <sstream>

#include <toml++/toml.h>

#include "engine/base/check.h"
#include "engine/config/run_config.h"

namespace penstock {
namespace {

using Values = std::map<std::string, std::string>;

void flatten(const toml::table& table, const std::string& prefix, Values& values) {
  for (const auto& [key, node] : table) {
    const std::string path = prefix + std::string(key.str());
    if (const toml::table* const inner = node.as_table()) {
      flatten(*inner, path + ".", values);
      continue;
    }
    std::ostringstream text;
    node.visit([&](const auto& value) { text << value; });
    values[path] = text.str();
  }
}

Values values_of(std::string_view text) {
  Values values;
  for (const std::string_view each : {default_run_config(), text}) {
    const toml::parse_result parsed = toml::parse(each);
    flatten(parsed, "", values);
  }
  return values;
}

}  // namespace

std::vector<ConfigChange> run_config_changes(std::string_view before, std::string_view after) {
  const Values old_values = values_of(before);
  const Values new_values = values_of(after);
  std::vector<ConfigChange> changes;
  for (const auto& [key, value] : new_values) {
    const auto old = old_values.find(key);
    const std::string was = old == old_values.end() ? "" : old->second;
    if (was != value) changes.push_back({key, was, value});
  }
  for (const auto& [key, value] : old_values) {
    if (!new_values.contains(key)) changes.push_back({key, value, ""});
  }
  return changes;
}

}  // namespace penstock
