// One thing that can be set on a host, as text: what it is called, how it is read and written, and the
// command that an operator would write it with.
//
//   kind         interface  name                   value          lies in
//   kSysctl                 net.core.rmem_max      as sysctl -n   /proc/sys
//   kDevice      eth0       napi_defer_hard_irqs   a number       /sys/class/net/IFACE
//   kInterrupt              125                    a list of CPUs /proc/irq/N/smp_affinity_list
//   kChannels    eth0       channels               a number       ethtool -l: combined, or rx where there is
//   none kOffload     eth0       lro, gro               on, off        ethtool -k
//
// Thread safety: HostAccess has no state but its folder. Interfaces are those of the calling thread's network
// namespace.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/configure/interrupts.h"

namespace penstock {

enum class SettingKind : std::uint8_t { kSysctl, kDevice, kInterrupt, kChannels, kOffload };
inline constexpr std::string_view kSettingKinds[] = {"sysctl", "device", "interrupt", "channels", "offload"};

struct HostSetting {
  SettingKind kind = SettingKind::kSysctl;
  std::string interface {};
  std::string name{};

  bool operator==(const HostSetting&) const = default;
};

// "sysctl net.core.rmem_max", "eth0 channels", "interrupt 125".
std::string to_string(const HostSetting& setting);
// "`ethtool -L eth0 combined 4`"
std::string command_for(const HostSetting& setting, const std::string& value);
// Whether the names are such that they cannot lead out of their folders: for what was read from a file.
bool is_sound(const HostSetting& setting);

class HostAccess {
 public:
  // `root`: what stands for "/" before /proc and /sys, for tests. Interfaces are real ones in any case.
  explicit HostAccess(std::filesystem::path root = "/") : root_(std::move(root)) {}

  // The value as it is now, blanks in it single. Errors: ENOENT or ENODEV where there is no such thing,
  // EOPNOTSUPP where the driver has none. REQUIRES: is_sound(setting).
  Result<std::string> read(const HostSetting& setting) const;
  Status write(const HostSetting& setting, const std::string& value) const;

  // interrupts.h
  std::vector<std::uint32_t> interrupts_of(const std::string& interface) const {
    return msi_interrupts_of(root_ / "sys", interface);
  }

 private:
  std::filesystem::path file_of(const HostSetting& setting) const;

  std::filesystem::path root_;
};

}  // namespace penstock
