// Files of /proc and /sys, and the ethtool ioctl.
#include "engine/configure/host_setting.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <sstream>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/unique_fd.h"
#include "engine/xsk/ethtool.h"

namespace penstock {
namespace {

Status ask(const std::string& interface, void* request) {
  const int error = ethtool(interface, request);
  return error == 0 ? Status{} : fail("ethtool " + interface, error);
}

Result<ethtool_channels> read_channels(const std::string& interface) {
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  if (Status s = ask(interface, &channels); !s) return tl::unexpected(s.error());
  return channels;
}

Status write_channels(const std::string& interface, const std::string& value) {
  Result<ethtool_channels> channels = read_channels(interface);
  if (!channels) return tl::unexpected(channels.error());
  std::uint32_t count = 0;
  std::from_chars(value.data(), value.data() + value.size(), count);
  (channels->max_combined != 0 ? channels->combined_count : channels->rx_count) = count;
  channels->cmd = ETHTOOL_SCHANNELS;
  return ask(interface, &*channels);
}

// LRO has no request of its own.
Result<bool> read_offload(const HostSetting& setting) {
  const bool lro = setting.name == "lro";
  ethtool_value value{lro ? __u32{ETHTOOL_GFLAGS} : __u32{ETHTOOL_GGRO}, 0};
  if (Status s = ask(setting.interface, &value); !s) return tl::unexpected(s.error());
  return lro ? (value.data & ETH_FLAG_LRO) != 0 : value.data != 0;
}

Status write_offload(const HostSetting& setting, bool on) {
  if (setting.name != "lro") {
    ethtool_value value{ETHTOOL_SGRO, on};
    return ask(setting.interface, &value);
  }
  ethtool_value flags{ETHTOOL_GFLAGS, 0};
  if (Status s = ask(setting.interface, &flags); !s) return s;
  flags.cmd = ETHTOOL_SFLAGS;
  flags.data = on ? flags.data | ETH_FLAG_LRO : flags.data & ~std::uint32_t{ETH_FLAG_LRO};
  return ask(setting.interface, &flags);
}

std::string single_blanks(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;)
    line += (line.empty() ? "" : " ") + word;
  return line;
}

// One read: such files have no length.
Result<std::string> read_file(const std::filesystem::path& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail("read " + path.string(), errno);
  std::array<char, 4096> text{};
  const ssize_t bytes = ::read(file.get(), text.data(), text.size());
  if (bytes < 0) return fail("read " + path.string(), errno);
  return single_blanks(std::string(text.data(), static_cast<std::size_t>(bytes)));
}

// One write: the kernel takes each as a whole value.
Status write_file(const std::filesystem::path& path, const std::string& value) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  const std::string line = value + "\n";
  if (!file || ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    return fail(fmt::format("write {} to {}", value, path.string()), errno);
  return {};
}

bool is_file(SettingKind kind) {
  return kind == SettingKind::kSysctl || kind == SettingKind::kDevice || kind == SettingKind::kInterrupt;
}

bool is_plain(std::string_view name) {
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
             std::string_view::npos &&
         name.find("..") == std::string_view::npos && !name.starts_with('.');
}

}  // namespace

std::string to_string(const HostSetting& setting) {
  switch (setting.kind) {
    case SettingKind::kSysctl:
    case SettingKind::kInterrupt:
      return fmt::format("{} {}", kSettingKinds[static_cast<std::size_t>(setting.kind)], setting.name);
    default:
      return setting.interface + " " + setting.name;
  }
}

std::string command_for(const HostSetting& setting, const std::string& value) {
  switch (setting.kind) {
    case SettingKind::kSysctl:
      return fmt::format("`sysctl -w '{}={}'`", setting.name, value);
    case SettingKind::kDevice:
      return fmt::format("`echo {} > /sys/class/net/{}/{}`", value, setting.interface, setting.name);
    case SettingKind::kInterrupt:
      return fmt::format("`echo {} > /proc/irq/{}/smp_affinity_list`", value, setting.name);
    case SettingKind::kChannels:
      return fmt::format("`ethtool -L {} combined {}`", setting.interface, value);
    case SettingKind::kOffload:
      return fmt::format("`ethtool -K {} {} {}`", setting.interface, setting.name, value);
  }
  return "";
}

bool is_sound(const HostSetting& setting) {
  const bool of_interface = setting.kind != SettingKind::kSysctl && setting.kind != SettingKind::kInterrupt;
  return !setting.name.empty() && is_plain(setting.name) && is_plain(setting.interface) &&
         of_interface == !setting.interface.empty() && setting.interface.size() < IFNAMSIZ;
}

std::filesystem::path HostAccess::file_of(const HostSetting& setting) const {
  if (setting.kind == SettingKind::kDevice) return root_ / "sys/class/net" / setting.interface / setting.name;
  if (setting.kind == SettingKind::kInterrupt) return root_ / "proc/irq" / setting.name / "smp_affinity_list";
  std::string path = setting.name;
  std::replace(path.begin(), path.end(), '.', '/');
  return root_ / "proc/sys" / path;
}

Result<std::string> HostAccess::read(const HostSetting& setting) const {
  PENSTOCK_CHECK(is_sound(setting));
  if (is_file(setting.kind)) return read_file(file_of(setting));
  if (setting.kind == SettingKind::kOffload) {
    const Result<bool> on = read_offload(setting);
    if (!on) return tl::unexpected(on.error());
    return *on ? "on" : "off";
  }
  const Result<ethtool_channels> channels = read_channels(setting.interface);
  if (!channels) return tl::unexpected(channels.error());
  return std::to_string(channels->max_combined != 0 ? channels->combined_count : channels->rx_count);
}

Status HostAccess::write(const HostSetting& setting, const std::string& value) const {
  PENSTOCK_CHECK(is_sound(setting));
  if (is_file(setting.kind)) return write_file(file_of(setting), value);
  if (setting.kind == SettingKind::kOffload) return write_offload(setting, value == "on");
  return write_channels(setting.interface, value);
}

}  // namespace penstock
