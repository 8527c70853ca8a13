// Which setting is whose.
#include "sim/lab/port.h"

#include <sys/socket.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sim/lab/ethtool_features.h"
#include "sim/lab/ethtool_numbers.h"
#include "sim/lab/host_settings.h"
#include "sim/lab/link_settings.h"
#include "sim/lab/steering.h"

namespace penstock {
namespace {

constexpr std::string_view kSteer = "steer ";
constexpr std::string_view kIrq = "irq ";
constexpr std::string_view kFeature = "feature ";
constexpr std::string_view kQueue = "queue ";

bool is_group(std::string_view name) {
  return name == "channels" || name == "rings" || name == "coalesce";
}

bool is_of_link(std::string_view name) {
  return name == "mac" || name == "mtu" || name == "up" || name == "promiscuous";
}

// The number behind a prefix: 45 of "irq 45".
std::optional<std::uint32_t> number_behind(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

Result<std::string> to_text(const Result<Fields>& fields) {
  if (!fields) return tl::unexpected(fields.error());
  return penstock::to_text(*fields);
}

tl::unexpected<Error> unknown(const Setting& setting) {
  return fail(fmt::format("'{}' of a port cannot be set to '{}'", setting.name, setting.value));
}

}  // namespace

Result<Port> Port::open(const NetNamespace& ns, std::string interface, KernelFiles files) {
  Result<Ethtool> ethtool = Ethtool::open(ns, interface);
  if (!ethtool) return tl::unexpected(ethtool.error());
  Result<UniqueFd> socket = ns.socket(AF_INET, SOCK_DGRAM, 0);
  if (!socket) return tl::unexpected(socket.error());
  return Port(ns, std::move(interface), std::move(files), std::move(*ethtool), std::move(*socket));
}

Result<std::string> Port::read(const std::string& name) const {
  if (is_group(name)) return to_text(read_group(ethtool_.as_call(), name));
  if (name.starts_with(kFeature)) {
    const Result<Fields> features = read_features(ethtool_.as_call());
    if (!features) return tl::unexpected(features.error());
    const auto found = features->find(name.substr(kFeature.size()));
    if (found == features->end())
      return tl::unexpected(no_such_feature(*features, name.substr(kFeature.size())));
    return found->second != 0 ? "on" : "off";
  }
  if (is_of_link(name)) return read_link_setting(socket_.get(), interface_, name);
  if (const auto irq = number_behind(kIrq, name)) return read_affinity(files_, *irq);
  if (const auto port = number_behind(kSteer, name)) {
    const auto queue = read_steering(ethtool_.as_call(), static_cast<std::uint16_t>(*port));
    if (!queue) return tl::unexpected(queue.error());
    return *queue ? fmt::format("{}{}", kQueue, **queue) : "none";
  }
  if (name.starts_with(kSysctl)) return read_sysctl(ns_, name.substr(kSysctl.size()));
  return unknown({name, "?"});
}

Status Port::write(const Setting& setting) const {
  const std::string& name = setting.name;
  if (name.starts_with(kFeature) && (setting.value == "on" || setting.value == "off")) {
    return write_features(ethtool_.as_call(),
                          {{name.substr(kFeature.size()), setting.value == "on" ? 1 : 0}});
  }
  if (is_group(name)) {
    const Result<Fields> wanted = parse_fields(setting.value);
    if (!wanted) return tl::unexpected(wanted.error());
    return write_group(ethtool_.as_call(), name, *wanted);
  }
  if (is_of_link(name)) return write_link_setting(socket_.get(), interface_, name, setting.value);
  if (const auto irq = number_behind(kIrq, name)) return write_affinity(files_, *irq, setting.value);
  if (const auto port = number_behind(kSteer, name)) {
    const std::optional<std::uint32_t> queue = number_behind(kQueue, setting.value);
    if (!queue && setting.value != "none") return unknown(setting);
    return write_steering(ethtool_.as_call(), static_cast<std::uint16_t>(*port), queue);
  }
  if (name.starts_with(kSysctl)) return ns_.set_sysctl(name.substr(kSysctl.size()), setting.value);
  if ((name.starts_with(kAddress) || name.starts_with(kRoute)) && setting.value == "present")
    return put_back(ns_, interface_, setting);
  return unknown(setting);
}

}  // namespace penstock
