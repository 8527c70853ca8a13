// Three structures of 32-bit numbers.
#include "sim/lab/ethtool_numbers.h"

#include <linux/ethtool.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace penstock {
namespace {

struct Field {
  const char* name;
  std::size_t offset;       // of a 32-bit number in the structure
  std::size_t most_offset;  // of its limit; 0: none
};

constexpr std::array kChannels = {
    Field{"rx", offsetof(ethtool_channels, rx_count), offsetof(ethtool_channels, max_rx)},
    Field{"tx", offsetof(ethtool_channels, tx_count), offsetof(ethtool_channels, max_tx)},
    Field{"combined", offsetof(ethtool_channels, combined_count), offsetof(ethtool_channels, max_combined)},
};
constexpr std::array kRings = {
    Field{"rx", offsetof(ethtool_ringparam, rx_pending), offsetof(ethtool_ringparam, rx_max_pending)},
    Field{"tx", offsetof(ethtool_ringparam, tx_pending), offsetof(ethtool_ringparam, tx_max_pending)},
};
constexpr std::array kCoalesce = {
    Field{"adaptive_rx", offsetof(ethtool_coalesce, use_adaptive_rx_coalesce), 0},
    Field{"adaptive_tx", offsetof(ethtool_coalesce, use_adaptive_tx_coalesce), 0},
    Field{"rx_us", offsetof(ethtool_coalesce, rx_coalesce_usecs), 0},
    Field{"rx_frames", offsetof(ethtool_coalesce, rx_max_coalesced_frames), 0},
    Field{"tx_us", offsetof(ethtool_coalesce, tx_coalesce_usecs), 0},
    Field{"tx_frames", offsetof(ethtool_coalesce, tx_max_coalesced_frames), 0},
};

struct Group {
  std::string_view name;
  char option;  // of ethtool: -l shows, -L sets
  std::uint32_t get, set;
  std::size_t bytes;
  std::span<const Field> fields;
};

constexpr std::array kGroups = {
    Group{"channels", 'l', ETHTOOL_GCHANNELS, ETHTOOL_SCHANNELS, sizeof(ethtool_channels), kChannels},
    Group{"rings", 'g', ETHTOOL_GRINGPARAM, ETHTOOL_SRINGPARAM, sizeof(ethtool_ringparam), kRings},
    Group{"coalesce", 'c', ETHTOOL_GCOALESCE, ETHTOOL_SCOALESCE, sizeof(ethtool_coalesce), kCoalesce},
};

// Any of the structures: each begins with its command and has nothing but 32-bit numbers.
using Structure = std::array<std::uint32_t, 32>;
static_assert(sizeof(ethtool_coalesce) <= sizeof(Structure));

const Group& group_of(std::string_view name) {
  const auto found =
      std::find_if(kGroups.begin(), kGroups.end(), [&](const Group& g) { return g.name == name; });
  PENSTOCK_CHECK(found != kGroups.end());
  return *found;
}

Result<Structure> get(const EthtoolCall& call, const Group& group) {
  Structure structure{};
  structure[0] = group.get;
  if (const Status got = call(structure.data(), fmt::format("-{}", group.option)); !got)
    return tl::unexpected(got.error());
  return structure;
}

std::uint32_t& at(Structure& structure, std::size_t offset) {
  return structure[offset / sizeof(std::uint32_t)];
}

}  // namespace

Result<Fields> read_group(const EthtoolCall& call, std::string_view name) {
  const Group& group = group_of(name);
  Result<Structure> structure = get(call, group);
  if (!structure) return tl::unexpected(structure.error());
  Fields fields;
  for (const Field& field : group.fields)
    fields[field.name] = at(*structure, field.offset);
  return fields;
}

Result<Fields> read_limits(const EthtoolCall& call, std::string_view name) {
  const Group& group = group_of(name);
  Result<Structure> structure = get(call, group);
  if (!structure) return tl::unexpected(structure.error());
  Fields fields;
  for (const Field& field : group.fields) {
    if (field.most_offset != 0) fields[field.name] = at(*structure, field.most_offset);
  }
  return fields;
}

Status write_group(const EthtoolCall& call, std::string_view name, const Fields& wanted) {
  const Group& group = group_of(name);
  Result<Structure> structure = get(call, group);
  if (!structure) return tl::unexpected(structure.error());
  at(*structure, 0) = group.set;
  for (const Field& field : group.fields) {
    if (const auto found = wanted.find(field.name); found != wanted.end())
      at(*structure, field.offset) = static_cast<std::uint32_t>(found->second);
  }
  const char option = static_cast<char>(group.option - 'a' + 'A');
  const std::string what = fmt::format("-{} {}", option, to_text(wanted));
  if (Status set = call(structure->data(), what); !set) return set;
  const Result<Fields> now = read_group(call, name);
  if (!now) return tl::unexpected(now.error());
  if (only(*now, wanted) != wanted) {
    return fail(fmt::format("ethtool {}: it reads {} afterwards", what, to_text(only(*now, wanted))), 0,
                "the driver rounds or bounds it: ask for what it has");
  }
  return {};
}

}  // namespace penstock
