// Reading lab files.
#include "sim/lab/lab_file.h"

#include <net/if.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/config/toml_reader.h"

namespace penstock {
namespace {

constexpr std::int64_t kMostQueues = 64;  // as demand.queues
constexpr std::int64_t kMostRingEntries = 65'536;
constexpr std::int64_t kMostMicroseconds = 1'000'000;

// Empty where the file does not have it.
std::optional<std::uint32_t> count_of(TomlReader& table, std::string_view key, std::int64_t least,
                                      std::int64_t most) {
  const auto value = static_cast<std::uint32_t>(table.integer(key, least, most, least));
  return table.has(key) ? std::optional(value) : std::nullopt;
}

std::optional<bool> flag_of(TomlReader& table, std::string_view key) {
  const bool value = table.boolean(key, false);
  return table.has(key) ? std::optional(value) : std::nullopt;
}

Coalescing read_coalescing(TomlReader table) {
  return {.adaptive_rx = flag_of(table, "adaptive_rx"),
          .adaptive_tx = flag_of(table, "adaptive_tx"),
          .rx_us = count_of(table, "rx_us", 0, kMostMicroseconds),
          .rx_frames = count_of(table, "rx_frames", 0, kMostRingEntries),
          .tx_us = count_of(table, "tx_us", 0, kMostMicroseconds),
          .tx_frames = count_of(table, "tx_frames", 0, kMostRingEntries)};
}

std::vector<SteeringRule> read_steering(TomlReader& port, std::uint32_t queues) {
  std::vector<SteeringRule> rules;
  for (TomlReader& table : port.tables("steer")) {
    const SteeringRule rule{.port = static_cast<std::uint16_t>(table.integer("port", 1, 65'535)),
                            .queue = static_cast<std::uint32_t>(table.integer("queue", 0, kMostQueues - 1))};
    if (rule.queue >= queues) table.reject("queue", fmt::format("the port has {} queues here", queues));
    rules.push_back(rule);
  }
  return rules;
}

void read_features(TomlReader& table, LabPort& port) {
  port.features_on = table.strings("features_on", {});
  port.features_off = table.strings("features_off", {});
  for (const std::string& name : port.features_on) {
    if (std::find(port.features_off.begin(), port.features_off.end(), name) != port.features_off.end())
      table.reject("features_off", fmt::format("'{}' is in features_on too", name));
  }
}

LabPort read_port(TomlReader table) {
  LabPort port;
  port.interface = table.string("interface");
  if (port.interface.size() >= IFNAMSIZ)
    table.reject("interface", fmt::format("an interface's name has at most {} characters", IFNAMSIZ - 1));
  port.queues = static_cast<std::uint32_t>(table.integer("queues", 1, kMostQueues, port.queues));
  port.may_have_addresses = table.boolean("may_have_addresses", port.may_have_addresses);
  TomlReader rings = table.table("rings");
  port.rx_ring = count_of(rings, "rx", 1, kMostRingEntries);
  port.tx_ring = count_of(rings, "tx", 1, kMostRingEntries);
  port.coalesce = read_coalescing(table.table("coalesce"));
  read_features(table, port);
  for (const std::int64_t cpu : table.integers("irq_cpus", 0, 4'095, {}))
    port.irq_cpus.push_back(static_cast<std::uint32_t>(cpu));
  port.steer = read_steering(table, port.queues);
  return port;
}

// Of a sender on another host nothing is set.
LabPort read_remote_port(TomlReader table) {
  LabPort port;
  port.interface = table.string("interface");
  return port;
}

std::optional<RemoteHost> read_remote(TomlReader& root) {
  if (!root.has("remote")) return std::nullopt;
  TomlReader table = root.table("remote");
  RemoteHost remote{.ssh = table.strings("ssh"), .runner = table.string("runner")};
  if (remote.ssh.empty()) table.reject("ssh", "it begins with the program to start");
  return remote;
}

Lab read_root(TomlReader root, const std::filesystem::path& path) {
  Lab lab;
  lab.name = root.string("name");
  lab.description = root.string("description");
  // Beside the lab file, so that `runner lab undo` finds it with the file alone.
  const std::string journal = root.string("journal", path.filename().string() + ".journal");
  lab.journal = path.parent_path() / journal;
  lab.carrier_timeout = root.integer("carrier_timeout_s", 1, 300, lab.carrier_timeout / kSecond) * kSecond;
  lab.remote = read_remote(root);
  lab.sender = lab.remote ? read_remote_port(root.table("sender")) : read_port(root.table("sender"));
  lab.receiver = read_port(root.table("receiver"));
  if (!lab.remote && !lab.sender.interface.empty() && lab.sender.interface == lab.receiver.interface)
    root.table("receiver").reject("interface", "the sender's port: two ports are needed");
  return lab;
}

}  // namespace

Result<Lab> read_lab(const std::filesystem::path& path) {
  Result<TomlDocument> document = TomlDocument::read(path);
  if (!document) return tl::unexpected(document.error());
  Lab lab = read_root(document->root(), path);
  if (const Status read = document->finish(); !read) return tl::unexpected(read.error());
  return lab;
}

std::vector<std::string> lab_keys() {
  // One of each array, so that its keys are asked for; what else is missing does not matter here.
  Result<TomlDocument> document = TomlDocument::parse("[[sender.steer]]\n[[receiver.steer]]\n", "keys");
  if (!document) return {};
  read_root(document->root(), "lab.toml");
  Result<TomlDocument> remote = TomlDocument::parse("[remote]\n", "keys");
  if (!remote) return {};
  read_root(remote->root(), "lab.toml");
  std::vector<std::string> keys = document->known_keys();
  for (const std::string& key : remote->known_keys()) {
    if (key.starts_with("remote.")) keys.push_back(key);
  }
  return keys;
}

}  // namespace penstock
