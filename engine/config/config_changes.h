// What differs between two files of `penstock run`, key by key: for an engine that is asked to read its file
// anew, and for whoever wants to know what a restart would change.
//
// Thread safety: functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace penstock {

struct ConfigChange {
  std::string key;     // "threads.on_stall"
  std::string before;  // as TOML: "exit" in its quotes
  std::string after;
  bool operator==(const ConfigChange&) const = default;
};

// "table.key" to its value as TOML. A key that a file leaves out has its default, so that writing a default
// out is no change.
using ConfigValues = std::map<std::string, std::string>;

// REQUIRES: a good text (parse_run_config).
ConfigValues run_config_values(std::string_view text);

// In the order of the keys' names.
std::vector<ConfigChange> config_changes(const ConfigValues& before, const ConfigValues& after);

}  // namespace penstock
