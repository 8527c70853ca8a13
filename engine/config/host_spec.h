// The table [host] of the file of `penstock run`: what engine/configure sets on the host, and `penstock run`
// never does.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/config/toml_reader.h"

namespace penstock {

struct HostSpec {
  std::uint32_t channels = 0;                                  // queues of the interface; 0: as they are
  std::vector<std::string> offloads_off{};                     // "lro", "gro"
  std::vector<int> irq_cpus{};                                 // empty: as they are
  std::uint32_t huge_pages = 0;                                // of 2 MiB, reserved; 0: as they are
  std::vector<std::pair<std::string, std::string>> sysctls{};  // name, value
  std::string state = "/var/lib/penstock-configure/state.ndjson";

  bool operator==(const HostSpec&) const = default;
};

// Notes mistakes in the table.
HostSpec read_host_spec(TomlReader table);

}  // namespace penstock
