// Both files as flat tables over the default file's.
#include "engine/config/config_changes.h"

#include <sstream>

#include <toml++/toml.h>

#include "engine/base/check.h"
#include "engine/config/run_config.h"

namespace penstock {
namespace {

void flatten(const toml::table& table, const std::string& prefix, ConfigValues& values) {
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

}  // namespace

ConfigValues run_config_values(std::string_view text) {
  ConfigValues values;
  for (const std::string_view each : {default_run_config(), text}) {
    const toml::parse_result parsed = toml::parse(each);
    flatten(parsed, "", values);
  }
  return values;
}

std::vector<ConfigChange> config_changes(const ConfigValues& old_values, const ConfigValues& new_values) {
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
