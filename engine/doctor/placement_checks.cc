// Lists of CPUs, and which of them meet.
#include "engine/doctor/placement_checks.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/base/read_file.h"
#include "engine/configure/interrupts.h"

namespace penstock {
namespace {

// The net threads' CPUs that are pinned; empty where the file pins none.
std::set<int> pinned(const RunConfig& config) {
  return {config.net_cpus.begin(), config.net_cpus.end()};
}

// Where each interrupt comes up, as far as the kernel says.
std::map<std::uint32_t, std::set<int>> interrupts(const std::string& interface,
                                                  const std::filesystem::path& root) {
  std::map<std::uint32_t, std::set<int>> cpus;
  for (const std::uint32_t number : msi_interrupts_of(root / "sys", interface)) {
    const std::filesystem::path folder = root / "proc/irq" / std::to_string(number);
    std::string list = first_line_of(folder / "effective_affinity_list");
    if (list.empty()) list = first_line_of(folder / "smp_affinity_list");
    cpus[number] = parse_cpu_list(list);
  }
  return cpus;
}

void check_interrupts(const RunConfig& config, const std::filesystem::path& root, Findings& findings) {
  constexpr const char* kWhat = "interrupts";
  const auto all = interrupts(config.interface, root);
  if (all.empty()) {
    findings.push_back({Level::kOk, kWhat, config.interface + " has none of its own"});
    return;
  }
  const bool spins = config.wait == WaitStrategy::kSpin;
  for (const int cpu : pinned(config)) {
    for (const auto& [number, cpus] : all) {
      if (!spins || !cpus.contains(cpu)) continue;
      findings.push_back(
          {Level::kWarn, kWhat,
           fmt::format("number {} comes up on CPU {}, where a net thread spins: it waits for what it "
                       "keeps from running",
                       number, cpu),
           "other CPUs in threads.net_cpus or host.irq_cpus, or `wait = \"block\"`"});
      return;
    }
  }
  std::set<int> used;
  for (const auto& [number, cpus] : all)
    used.insert(cpus.begin(), cpus.end());
  findings.push_back({Level::kOk, kWhat, fmt::format("{}, on CPUs {}", all.size(), fmt::join(used, ", "))});
}

void check_numa(const RunConfig& config, const std::filesystem::path& root, Findings& findings) {
  constexpr const char* kWhat = "numa";
  const std::filesystem::path nodes = root / "sys/devices/system/node";
  const std::string node = first_line_of(root / "sys/class/net" / config.interface / "device/numa_node");
  const bool several = parse_cpu_list(first_line_of(nodes / "has_cpu")).size() > 1;
  if (node.empty() || node == "-1" || !several) {
    findings.push_back({Level::kOk, kWhat, several ? "the NIC belongs to no node" : "one node"});
    return;
  }
  const std::string list = first_line_of(nodes / ("node" + node) / "cpulist");
  const std::set<int> near = parse_cpu_list(list), used = pinned(config);
  const std::string fix = fmt::format("CPUs of {} in threads.net_cpus", list);
  if (used.empty()) {
    findings.push_back({Level::kWarn, kWhat,
                        fmt::format("the NIC is on node {}, and net threads may run anywhere", node), fix});
    return;
  }
  const auto far = std::find_if(used.begin(), used.end(), [&](int cpu) { return !near.contains(cpu); });
  if (far == used.end()) {
    findings.push_back({Level::kOk, kWhat, fmt::format("NIC and net threads are on node {}", node)});
    return;
  }
  findings.push_back({Level::kWarn, kWhat,
                      fmt::format("the NIC is on node {}, and CPU {} of threads.net_cpus is not", node, *far),
                      fix});
}

}  // namespace

std::set<int> parse_cpu_list(std::string_view text) {
  constexpr int kMostCpus = 8'192;
  std::set<int> cpus;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    int first = 0;
    const char* const end = part.data() + part.size();
    const auto [after, bad] = std::from_chars(part.data(), end, first);
    if (bad != std::errc() || first < 0) continue;
    int last = first;
    if (after != end && *after == '-') std::from_chars(after + 1, end, last);
    for (int cpu = first; cpu <= std::min(last, kMostCpus); ++cpu)
      cpus.insert(cpu);
  }
  return cpus;
}

void check_placement(const RunConfig& config, const std::filesystem::path& root, Findings& findings) {
  check_interrupts(config, root, findings);
  check_numa(config, root, findings);
}

}  // namespace penstock
