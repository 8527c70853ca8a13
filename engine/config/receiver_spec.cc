// Reading [receiver].
#include "engine/config/receiver_spec.h"

#include <bit>

#include <fmt/format.h>

#include "engine/mcache/mcache.h"

namespace penstock {
namespace {

// Enumerators in the order of their words.
constexpr std::string_view kCompanions[] = {"own", "external", "off"};
static_assert(static_cast<int>(Companion::kExternal) == 1 && static_cast<int>(Companion::kOff) == 2);
constexpr std::string_view kScopes[] = {"all", "udp"};
static_assert(static_cast<int>(TakeScope::kUdp) == 1);
constexpr std::string_view kModes[] = {"native", "generic"};
static_assert(static_cast<int>(AttachMode::kGeneric) == 1);
constexpr std::string_view kPortMaps[] = {"array", "hash"};
static_assert(static_cast<int>(PortMap::kHash) == 1);
constexpr std::string_view kLoaders[] = {"libbpf", "direct"};
static_assert(static_cast<int>(Loader::kDirect) == 1);

constexpr std::string_view kHugePages[] = {"auto", "required", "off"};
static_assert(static_cast<int>(HugePages::kRequired) == 1 && static_cast<int>(HugePages::kOff) == 2);

constexpr std::int64_t kMostQueues = 64;
constexpr std::int64_t kMostEntries = 32'768;

template <typename Enum, std::size_t n>
Enum read_word(TomlReader& table, const char* key, const std::string_view (&words)[n], Enum fallback) {
  return static_cast<Enum>(table.choice(key, words, static_cast<std::size_t>(fallback)));
}

std::uint32_t read_count(TomlReader& table, const char* key, std::int64_t least, std::int64_t most,
                         std::uint32_t fallback) {
  return static_cast<std::uint32_t>(table.integer(key, least, most, fallback));
}

}  // namespace

std::uint32_t read_power_of_two(TomlReader& table, const char* key, std::int64_t least,
                                std::uint32_t fallback) {
  const std::uint32_t found = read_count(table, key, least, kMostEntries, fallback);
  if (!std::has_single_bit(found))
    table.reject(key, fmt::format("'{}' is {}, must be a power of two", key, found));
  return found;
}

ReceiverSpec read_receiver_spec(TomlReader table, const ReceiverSpec& defaults) {
  ReceiverSpec spec = defaults;
  spec.companion = read_word(table, "companion", kCompanions, spec.companion);
  spec.scope = read_word(table, "scope", kScopes, spec.scope);
  spec.attach = read_word(table, "attach", kModes, spec.attach);
  spec.port_map = read_word(table, "port_map", kPortMaps, spec.port_map);
  spec.loader = read_word(table, "loader", kLoaders, spec.loader);
  spec.huge_pages = read_word(table, "huge_pages", kHugePages, spec.huge_pages);
  spec.sockets = read_count(table, "sockets", 0, kMostQueues, spec.sockets);
  spec.rx_entries = read_power_of_two(table, "rx_entries", 1, spec.rx_entries);
  spec.fill_frames = read_count(table, "fill_frames", 0, 2 * kMostEntries, spec.fill_frames);
  if (spec.fill_frames > 2 * spec.rx_entries)
    table.reject("fill_frames", fmt::format("'fill_frames' is {}, must be at most twice rx_entries ({})",
                                            spec.fill_frames, spec.rx_entries));
  spec.return_depth = read_power_of_two(table, "return_depth", kMinMcacheDepth, spec.return_depth);
  spec.max_payload = read_count(table, "max_payload", 1, 1'750, spec.max_payload);
  spec.vlan = table.boolean("vlan", spec.vlan);
  spec.ipv6 = table.boolean("ipv6", spec.ipv6);
  spec.verify_udp_checksum = table.boolean("verify_udp_checksum", spec.verify_udp_checksum);
  return spec;
}

}  // namespace penstock
