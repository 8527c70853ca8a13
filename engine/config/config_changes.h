// What differs between two files of `penstock run`, key by key: for an engine that is asked to read its file
// anew, and for whoever wants to know what a restart would change.
//
// Thread safety: functions.
#pragma once

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

// In the order of the keys' names. A key that a file leaves out counts with its default, so that writing a
// default out is no change. REQUIRES: both texts are good (parse_run_config).
std::vector<ConfigChange> run_config_changes(std::string_view before, std::string_view after);

}  // namespace penstock
