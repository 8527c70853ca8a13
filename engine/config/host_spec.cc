// Reading it.
#include "engine/config/host_spec.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace penstock {
namespace {

constexpr std::string_view kOffloads[] = {"lro", "gro"};
constexpr std::int64_t kMostChannels = 1024, kMostCpus = 1023, kMostHugePages = 1 << 20;

// "name=value", the name as sysctl has it.
std::vector<std::pair<std::string, std::string>> read_sysctls(TomlReader& table) {
  constexpr std::string_view kNameBytes = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
  std::vector<std::pair<std::string, std::string>> sysctls;
  for (const std::string& each : table.strings("sysctls", {})) {
    const std::size_t equal = each.find('=');
    const std::string name = each.substr(0, equal);
    if (equal == std::string::npos || equal + 1 == each.size() || name.empty() || name[0] == '.' ||
        name.find("..") != std::string::npos || name.find_first_not_of(kNameBytes) != std::string::npos) {
      table.reject("sysctls", fmt::format("'sysctls': '{}' is not like net.core.rmem_max=8388608", each));
      continue;
    }
    sysctls.emplace_back(name, each.substr(equal + 1));
  }
  return sysctls;
}

}  // namespace

HostSpec read_host_spec(TomlReader table) {
  HostSpec host;
  host.channels = static_cast<std::uint32_t>(table.integer("channels", 0, kMostChannels, 0));
  host.offloads_off = table.strings("offloads_off", {});
  for (const std::string& each : host.offloads_off) {
    if (std::find(std::begin(kOffloads), std::end(kOffloads), each) == std::end(kOffloads))
      table.reject("offloads_off", fmt::format("'offloads_off' lists '{}'; valid: lro, gro", each));
  }
  const std::vector<std::int64_t> cpus = table.integers("irq_cpus", 0, kMostCpus, {});
  host.irq_cpus.assign(cpus.begin(), cpus.end());
  host.huge_pages = static_cast<std::uint32_t>(table.integer("huge_pages", 0, kMostHugePages, 0));
  host.sysctls = read_sysctls(table);
  host.state = table.string("state", host.state);
  if (!host.state.starts_with('/')) table.reject("state", "'state' must be an absolute path");
  return host;
}

}  // namespace penstock
