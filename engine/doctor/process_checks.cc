// An extended attribute, and files of /proc.
#include "engine/doctor/process_checks.h"

#include <errno.h>
#include <sys/xattr.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "engine/doctor/needed_capabilities.h"
#include "engine/packet/byte_order.h"

namespace penstock {
namespace {

constexpr const char* kBroker = "pen-broker";

struct Process {
  std::string name;
  pid_t parent = 0;
  std::uint64_t effective = 0;
};

template <typename Number>
void read_number(std::string_view text, int base, Number& number) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start != std::string_view::npos)
    std::from_chars(text.data() + start, text.data() + text.size(), number, base);
}

// Nothing where there is no such process, or it is hidden.
std::optional<Process> read_process(const std::filesystem::path& folder) {
  std::ifstream file(folder / "status");
  Process process;
  for (std::string line; std::getline(file, line);) {
    const std::string_view text(line);
    if (text.starts_with("Name:\t")) process.name = text.substr(6);
    if (text.starts_with("PPid:")) read_number(text.substr(5), 10, process.parent);
    if (text.starts_with("CapEff:")) read_number(text.substr(7), 16, process.effective);
  }
  return process.name.empty() ? std::nullopt : std::optional(process);
}

// The engine's own, and those of the process that keeps them for it.
std::uint64_t capabilities_around(pid_t engine, const Process& itself, const std::filesystem::path& proc) {
  std::uint64_t all = itself.effective;
  std::error_code none;
  for (std::filesystem::directory_iterator each(proc, none), end; !none && each != end;
       each.increment(none)) {
    const std::string name = each->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::optional<Process> other = read_process(each->path());
    if (other && other->parent == engine && other->name == kBroker) all |= other->effective;
  }
  return all;
}

}  // namespace

std::filesystem::path installed_binary() {
  constexpr const char* kInstalled = "/usr/bin/penstock";
  return std::filesystem::exists(kInstalled) ? kInstalled : "/proc/self/exe";
}

void check_binary(const std::filesystem::path& binary, Findings& findings) {
  std::error_code unresolved;
  const std::filesystem::path target = std::filesystem::read_symlink(binary, unresolved);
  const std::string name = (unresolved ? binary : target).string();
  // vfs_cap_data: flags, then permitted and inheritable, the low words before the high ones.
  std::array<std::byte, 24> attribute{};
  const ssize_t bytes = getxattr(binary.c_str(), "security.capability", attribute.data(), attribute.size());
  if (bytes < 20) {
    findings.push_back(
        {Level::kOk, "binary",
         fmt::format("{} has no capabilities of its own: who starts it gives them, as the unit does", name)});
    return;
  }
  const std::uint64_t permitted = std::uint64_t{load_le32(&attribute[12])} << 32 | load_le32(&attribute[4]);
  const std::string missing = missing_capabilities(permitted);
  const bool effective = (load_le32(attribute.data()) & VFS_CAP_FLAGS_EFFECTIVE) != 0;
  if (missing.empty() && effective) {
    findings.push_back({Level::kOk, "binary", fmt::format("{} gives all four capabilities", name)});
    return;
  }
  findings.push_back({Level::kWarn, "binary",
                      missing.empty() ? fmt::format("{} gives capabilities that are not effective", name)
                                      : fmt::format("{} gives capabilities, but not {}", name, missing),
                      fmt::format("`{} {}`", kSetCapabilities, name)});
}

void check_engine_process(const EngineSample& engine, const std::filesystem::path& proc, Findings& findings) {
  constexpr const char* kWhat = "running process";
  const auto pid = static_cast<pid_t>(engine.facts.process_id);
  const std::filesystem::path folder = proc / std::to_string(pid);
  const std::optional<Process> process = read_process(folder);
  if (!process || process->name != "penstock") {
    findings.push_back({Level::kOk, kWhat, "not to be seen from here"});
    return;
  }
  const std::string restart = "`systemctl restart penstock`: a process that runs gets nothing new";
  std::error_code hidden;
  const std::string binary = std::filesystem::read_symlink(folder / "exe", hidden);
  if (binary.ends_with(" (deleted)")) {
    findings.push_back(
        {Level::kWarn, kWhat, fmt::format("{} runs a binary that has been replaced since", pid), restart});
    return;
  }
  const std::string missing = missing_capabilities(capabilities_around(pid, *process, proc));
  const bool by_af_xdp = engine.facts.receiver.sockets != 0;
  if (!by_af_xdp && engine.facts.receiver.steps_down.empty()) {
    findings.push_back({Level::kOk, kWhat, fmt::format("{} receives by sockets, as configured", pid)});
  } else if (missing.empty()) {
    findings.push_back({Level::kOk, kWhat, fmt::format("{} has all capabilities that it needs", pid)});
  } else {
    findings.push_back(
        {Level::kWarn, kWhat, fmt::format("{} was started without {}", pid, missing), restart});
  }
}

}  // namespace penstock
