// Net threads are numbered: those of `interface`, then one for each further interface.
#include "engine/commands/present_interfaces.h"

#include <net/if.h>

#include <algorithm>
#include <cstddef>

namespace penstock {

std::vector<std::string> missing_interfaces(const RunConfig& config) {
  std::vector<std::string> names = interfaces_of(config);
  std::erase_if(names, [](const std::string& name) { return if_nametoindex(name.c_str()) != 0; });
  return names;
}

std::optional<RunConfig> without(const RunConfig& config, std::span<const std::string> missing) {
  RunConfig rest = config;
  rest.further_interfaces.clear();
  rest.net_cpus.clear();
  rest.interface.clear();
  std::size_t thread = 0;
  for (const std::string& name : interfaces_of(config)) {
    const std::size_t threads = name == config.interface ? config.net_tiles : 1;
    const std::size_t behind = thread + threads;
    if (std::find(missing.begin(), missing.end(), name) == missing.end()) {
      for (std::size_t n = thread; n < behind; ++n)
        rest.net_cpus.push_back(n < config.net_cpus.size() ? config.net_cpus[n] : -1);
      if (rest.interface.empty()) {
        rest.interface = name;
        rest.net_tiles = static_cast<std::uint32_t>(threads);
      } else {
        rest.further_interfaces.push_back(name);
      }
    }
    thread = behind;
  }
  if (rest.interface.empty()) return std::nullopt;
  return rest;
}

}  // namespace penstock
